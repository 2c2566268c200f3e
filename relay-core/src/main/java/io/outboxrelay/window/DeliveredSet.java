package io.outboxrelay.window;

import io.outboxrelay.account.PageAccount;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The set of transactions that were delivered, to which both sources add: the log one transaction
 * at a time, the table one snapshot at a time.
 *
 * <p>The set can always be written as a {@code pg_snapshot}, so a checkpoint has the same form for
 * both sources. Positions in the log never decide which transactions are delivered.
 *
 * <p>Use it on one event loop only.
 */
public final class DeliveredSet {
  private static final int FIRST_SIZE = 64;

  private final Fences fences;
  private Snapshot base;
  private Fence fence;
  private @Nullable PartialTransaction partial;

  /**
   * The ids that were delivered since {@code base} was set. Ids are only appended, so positions can
   * share this array without copying it.
   */
  private long[] added = new long[FIRST_SIZE];

  private int count;
  private long highest;

  /**
   * @param base the transactions delivered so far
   * @param fences the fences of the table's reader, which uses this object as well
   * @param partial a transaction of which the first rows are delivered
   */
  DeliveredSet(Snapshot base, Fences fences, Fence fence, @Nullable PartialTransaction partial) {
    this.base = base;
    this.fences = fences;
    this.fence = fence;
    this.partial = partial;
    this.highest = base.xmax() - 1;
  }

  /**
   * Adds transactions after all of their rows were delivered.
   *
   * @param now a later transaction of which only the first rows were delivered; null if there is
   *     none
   */
  public void deliver(List<Long> ended, @Nullable PartialTransaction now) {
    for (long xid : ended) {
      add(xid);
    }
    if (now != null) {
      partial = now;
    } else if (partial != null && ended.contains(partial.xid())) {
      partial = null;
    }
  }

  private void add(long xid) {
    if (base.sees(xid)) {
      return;
    }
    if (count == added.length) {
      added = Arrays.copyOf(added, 2 * count);
    }
    added[count++] = xid;
    highest = Math.max(highest, xid);
  }

  /**
   * Adds all transactions that a snapshot sees. The result is a union, because the log may have
   * delivered a transaction that no snapshot sees yet: a commit that waits for a synchronous
   * standby is in the log but not visible.
   *
   * @param next the fence that was read after the snapshot
   */
  public void settle(Snapshot snapshot, Fence next) {
    base = snapshot.union(settled());
    added = new long[FIRST_SIZE];
    count = 0;
    highest = base.xmax() - 1;
    if (next.xid() >= fence.xid()) {
      fence = next;
      fences.add(next);
    }
    fences.prune(base.xmin());
    if (partial != null && base.sees(partial.xid())) {
      partial = null;
    }
  }

  /**
   * Throws {@link ContradictionException} if the sequence was set back, because events could then
   * be lost.
   *
   * @param sequence the name of the sequence, for the message
   * @param last the sequence's last number, as the server reports it now
   */
  public void verifySequence(String sequence, long last) {
    if (last < fence.top()) {
      throw RestoredDatabaseCheck.setBack(sequence, last, fence.top());
    }
  }

  /** Returns the set as a snapshot. */
  public Snapshot settled() {
    return new Delivered(base, added, count).snapshot();
  }

  /**
   * Returns the number of ids that a stored set would have to list. These are the ids below the
   * highest delivered one that were not delivered.
   */
  public long gaps() {
    return base.gaps() + (highest + 1 - base.xmax()) - count;
  }

  /** Returns the highest sequence number at or below which no new event can appear. */
  public long floor() {
    return fences.floor();
  }

  public @Nullable PartialTransaction partial() {
    return partial;
  }

  Fence fence() {
    return fence;
  }

  /**
   * Returns the position up to which events were delivered. The position is immutable. Creating it
   * is cheap, because its checkpoint is computed only when the position is stored.
   *
   * @param withdrawn the account of events that their own transaction has deleted, negated
   * @param log the position in the log that is reached
   */
  public LoggedPosition position(PageAccount withdrawn, long log) {
    return new LoggedPosition(
        new Delivered(base, added, count), fence, fences.floor(), partial, withdrawn, log);
  }

  /** The transactions that {@code base} sees, and the first {@code count} of {@code added}. */
  @SuppressWarnings("ArrayRecordComponent") // ids are only appended, at indexes from count on
  record Delivered(Snapshot base, long[] added, int count) {
    Snapshot snapshot() {
      return base.plus(Arrays.stream(added, 0, count));
    }
  }
}

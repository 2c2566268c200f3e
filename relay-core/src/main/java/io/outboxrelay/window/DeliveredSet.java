package io.outboxrelay.window;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The set of transactions that were delivered, to which both sources add: the log one transaction
 * at a time, the table one snapshot at a time.
 *
 * <p>Any such set can be written as a {@code pg_snapshot}, so a checkpoint does not depend on the
 * source that made it. Positions in the log never decide what is delivered.
 *
 * <p>Use it on one event loop only.
 */
public final class DeliveredSet {
  private static final int FIRST_SIZE = 64;

  private final Fences fences;
  private Snapshot base;
  private long fence;
  private long top;
  private @Nullable PartialTransaction partial;

  /** Ids delivered since {@code base}; only appended, so that positions can share it. */
  private long[] added = new long[FIRST_SIZE];

  private int count;
  private long highest;

  /**
   * @param base the transactions delivered so far
   * @param fences of the table's reader; shared with it
   * @param fence every transaction with this id or a higher one has only sequence numbers above
   *     {@code top}
   * @param partial a transaction of which the first rows are delivered
   */
  DeliveredSet(
      Snapshot base, Fences fences, long fence, long top, @Nullable PartialTransaction partial) {
    this.base = base;
    this.fences = fences;
    this.fence = fence;
    this.top = top;
    this.partial = partial;
    this.highest = base.xmax() - 1;
  }

  /**
   * Adds transactions after all of their rows were delivered.
   *
   * @param now the transaction of which the first rows were delivered since; null if there is none
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
   * Adds all transactions that a snapshot sees. It is a union, because the log may have delivered a
   * transaction that no snapshot sees yet: one that waits for a synchronous standby.
   *
   * @param next every transaction with this id or a higher one got it after the snapshot, and has
   *     only sequence numbers above {@code last}
   */
  public void settle(Snapshot snapshot, long next, long last) {
    base = snapshot.union(settled());
    added = new long[FIRST_SIZE];
    count = 0;
    highest = base.xmax() - 1;
    if (next >= fence) {
      fence = next;
      top = last;
      fences.add(next, last);
    }
    fences.prune(base.xmin());
    if (partial != null && base.sees(partial.xid())) {
      partial = null;
    }
  }

  /**
   * Verifies that the sequence was not set back, because events could then be lost.
   *
   * @param last the number that the sequence gave out last
   */
  public void verifySequence(String sequence, long last) {
    if (last < top) {
      throw RestoredDatabaseCheck.setBack(sequence, last, top);
    }
  }

  /** Returns the set as a snapshot. */
  public Snapshot settled() {
    return base.plus(Arrays.stream(added, 0, count));
  }

  /**
   * Returns the number of ids that a stored set would have to list. Each id below the highest one
   * is listed unless it was delivered.
   */
  public long gaps() {
    return base.gaps() + (highest + 1 - base.xmax()) - count;
  }

  /** Returns a sequence number; no new event can appear at or below it. */
  public long floor() {
    return fences.floor();
  }

  public @Nullable PartialTransaction partial() {
    return partial;
  }

  long fence() {
    return fence;
  }

  long top() {
    return top;
  }

  /**
   * Returns the position that is reached now. It does not change, and costs little: the checkpoint
   * is made only if it is stored.
   *
   * @param log the position in the log that is reached
   */
  public LoggedPosition position(long log) {
    return new LoggedPosition(
        base, new Added(added, count), top, fences.floor(), fence, partial, log);
  }

  /** The first {@code count} of {@code ids}. */
  @SuppressWarnings("ArrayRecordComponent") // ids are appended behind count only
  record Added(long[] ids, int count) {
    LongStream stream() {
      return Arrays.stream(ids, 0, count);
    }
  }
}

package io.outboxrelay.window;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The durable position of a shard, from which a reader resumes.
 *
 * @param settled a snapshot in PostgreSQL's text form; every event that it sees is confirmed
 * @param top the highest sequence number that was confirmed
 * @param floor a sequence number; no new event can appear at or below it
 * @param fence the server's next transaction id, read after {@code settled}, or after the open
 *     window's snapshot if there is an open window
 * @param open the window that was being read, and how far it is confirmed; null between windows
 * @param partial a transaction of which the log has delivered only the first rows; null if there is
 *     none
 */
public record Checkpoint(
    String settled,
    long top,
    long floor,
    long fence,
    @Nullable OpenWindow open,
    @Nullable PartialTransaction partial)
    implements ReadPosition {
  Checkpoint(String settled, long top, long floor, long fence, @Nullable OpenWindow open) {
    this(settled, top, floor, fence, open, null);
  }

  /**
   * Returns a checkpoint from which a reader reads all events with a sequence number above {@code
   * seq}.
   */
  static Checkpoint beginningAfter(long seq) {
    return new Checkpoint(Snapshot.NOTHING.toString(), seq, seq, 0, null);
  }

  @Override
  public Checkpoint checkpoint() {
    return this;
  }

  /**
   * Returns this checkpoint with the open window confirmed up to the sequence number {@code seq}.
   *
   * @throws NullPointerException if no window is open
   */
  public Checkpoint at(long seq) {
    var within = Objects.requireNonNull(open, "no window is open");
    return new Checkpoint(
        settled, Math.max(top, seq), floor, fence, new OpenWindow(within.snapshot(), seq), partial);
  }

  /**
   * Returns this checkpoint without {@link #partial}: a reader that begins there delivers all rows
   * of that transaction again.
   */
  public Checkpoint withoutPartial() {
    return partial == null ? this : new Checkpoint(settled, top, floor, fence, open, null);
  }

  /**
   * Returns true if {@code other} confirms events that this checkpoint does not confirm. Both must
   * belong to the same shard of the same database.
   */
  public boolean isBehind(Checkpoint other) {
    var mine = Snapshot.parse(settled);
    var its = Snapshot.parse(other.settled);
    if (!its.covers(mine)) {
      return false;
    }
    return !mine.covers(its) || position() < other.position();
  }

  private long position() {
    return open == null ? Long.MIN_VALUE : open.position();
  }

  /**
   * A window that is not yet confirmed to its end.
   *
   * @param snapshot the window's snapshot in PostgreSQL's text form
   * @param position the sequence number up to which its events are confirmed
   */
  public record OpenWindow(String snapshot, long position) {}
}

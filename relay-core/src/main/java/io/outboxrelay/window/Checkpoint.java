package io.outboxrelay.window;

import org.jspecify.annotations.Nullable;

/**
 * How far a shard has been confirmed: where a reader resumes.
 *
 * @param settled all it sees has been confirmed
 * @param top the highest sequence number confirmed
 * @param floor below which nothing can be new
 * @param fence the next id, read after {@code settled}, or after the open window's snapshot where
 *     there is one
 * @param open the window that was being read, and how far it is confirmed; null between windows
 */
public record Checkpoint(
    String settled, long top, long floor, long fence, @Nullable OpenWindow open) {
  /** Where a reader begins that is to see all events above {@code seq}. */
  static Checkpoint beginningAfter(long seq) {
    return new Checkpoint(Snapshot.NOTHING.toString(), seq, seq, 0, null);
  }

  /**
   * A window not yet confirmed to its end.
   *
   * @param snapshot in PostgreSQL's text form
   * @param position the sequence number up to which its events are confirmed
   */
  public record OpenWindow(String snapshot, long position) {}
}

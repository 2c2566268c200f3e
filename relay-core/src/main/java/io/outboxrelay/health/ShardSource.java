package io.outboxrelay.health;

import java.time.Duration;

/**
 * The source from which a shard's events are read.
 *
 * @param isLog true for the write-ahead log, false for the table
 * @param since {@link System#nanoTime} at which this source was chosen
 * @param reason the label of the reason for which the table is read, as in the metric; empty if the
 *     log is read or was not tried
 * @param sentence the reason in words for an operator; empty if {@code reason} is empty
 */
public record ShardSource(boolean isLog, long since, String reason, String sentence) {
  /** Returns the write-ahead log as the source, chosen now. */
  public static ShardSource log() {
    return new ShardSource(true, System.nanoTime(), "", "");
  }

  /** Returns the table as the source, chosen now and without a reason. */
  public static ShardSource table() {
    return new ShardSource(false, System.nanoTime(), "", "");
  }

  /**
   * Returns the table as the source, with the reason why it is read. If the table is the source
   * already, the time of the choice does not change.
   */
  public ShardSource table(String why, String said) {
    return new ShardSource(false, isLog ? System.nanoTime() : since, why, said);
  }

  /** Returns the time since this source was chosen. */
  public Duration age() {
    return Duration.ofNanos(System.nanoTime() - since);
  }
}

package io.outboxrelay.status;

import io.outboxrelay.health.ShardSource;
import java.time.Duration;

/**
 * The source from which the leader of a shard reads events.
 *
 * @param isLog true for the write-ahead log, false for the table
 * @param age the time since this source was chosen
 * @param reason the label of the reason for which the table is read; empty if the log is read or
 *     was not tried
 * @param sentence the reason in words for an operator; empty if {@code reason} is empty
 */
public record ReportedSource(boolean isLog, Duration age, String reason, String sentence) {
  public static ReportedSource of(ShardSource source) {
    return new ReportedSource(source.isLog(), source.age(), source.reason(), source.sentence());
  }

  /** Returns {@code log} or {@code table}. */
  public String word() {
    return isLog ? "log" : "table";
  }

  /**
   * Returns a text that is compared with the text of the previous report to find out if the source
   * or the reason has changed.
   */
  String news() {
    return word() + ' ' + reason;
  }
}

package io.outboxrelay.source;

import io.outboxrelay.health.ShardHealth;
import io.outboxrelay.health.ShardSource;
import io.outboxrelay.metrics.ShardMetrics;

/**
 * Records from which source a shard's events come: it sets the present source in {@code health} and
 * counts each change in {@code metrics}.
 */
public record SourceRecorder(ShardHealth health, ShardMetrics metrics) {
  /** Records that events come from the write-ahead log from now on. */
  void readsLog() {
    health.reads(ShardSource.log());
    metrics.sourceChanged("log", "ready");
  }

  /**
   * Records that events come from the table, whether or not they did before.
   *
   * @param reason the kind of reason, as the value of a metric's label
   * @param sentence the reason as a sentence
   */
  void readsTable(String reason, String sentence) {
    var before = health.source();
    if (before.isLog()) {
      metrics.sourceChanged("table", reason);
    }
    health.reads(before.table(reason, sentence));
  }
}

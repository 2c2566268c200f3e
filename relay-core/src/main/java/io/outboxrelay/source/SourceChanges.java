package io.outboxrelay.source;

import io.outboxrelay.metrics.ShardMetrics;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.wal.LogFailure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Logs and counts each change of the source, with its reason. */
final class SourceChanges {
  private static final Logger LOG = LoggerFactory.getLogger(SourceChanges.class);

  private final ShardKey share;
  private final ShardMetrics metrics;
  private LogFailure.@Nullable Reason told;

  SourceChanges(ShardKey share, ShardMetrics metrics) {
    this.share = share;
    this.metrics = metrics;
  }

  void toLog() {
    told = null;
    metrics.readsLog();
    LOG.atInfo()
        .addKeyValue("shard", share.shard())
        .log("{} is read from the write-ahead log now", share);
  }

  void toTable(LogFailure why, Duration wait) {
    told = why.reason();
    metrics.readsTable(why.reason().label(), why.sentence());
    LOG.atWarn()
        .addKeyValue("shard", share.shard())
        .log(
            "{} is read from the table now and nothing is lost, because the write-ahead log cannot"
                + " be used: {}. The relay tries again in {} s",
            share,
            why.sentence(),
            wait.toSeconds());
  }

  /**
   * Tells that the table goes on being read; the same kind of reason is logged once.
   *
   * @param isDemanded true if the configuration asks for the log
   */
  void staysOnTable(LogFailure why, Duration wait, boolean isDemanded) {
    metrics.readsTable(why.reason().label(), why.sentence());
    if (why.reason() != told) {
      told = why.reason();
      LOG.atLevel(isDemanded ? Level.WARN : Level.INFO)
          .addKeyValue("shard", share.shard())
          .log(
              "{} is read from the table, because the write-ahead log cannot be used: {}. With the"
                  + " log, events would be published sooner and at a lower cost for the database."
                  + " The relay tries again in {} s",
              share,
              why.sentence(),
              wait.toSeconds());
    }
  }
}

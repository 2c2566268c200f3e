package io.outboxrelay.status;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the {@link LeaderReport} of each shard that this relay leads. If the shard's first problem
 * begins, its last problem ends, or the relay changes between table and log, the report is written
 * at once. If anything else changes, such as the text of a problem, the report is written at most
 * every 10 seconds. An unchanged report is written every 30 seconds. So a healthy shard costs two
 * small writes a minute, and an outage with changing reasons costs six writes a minute.
 */
final class LeaderReporter {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderReporter.class);
  private static final Duration BETWEEN_CHANGES = Duration.ofSeconds(10);

  private final OutboxNames names;
  private final LongSupplier nanoTime;
  private final Map<Integer, Written> written = new HashMap<>();

  private record Written(List<Object> news, boolean isTrouble, boolean isLog, long nanos) {}

  LeaderReporter(OutboxNames names, LongSupplier nanoTime) {
    this.names = names;
    this.nanoTime = nanoTime;
  }

  /** Writes the reports that are due. The future succeeds even if a write fails. */
  Future<Void> write(SqlClient database, List<LeaderReport> reports) {
    written.keySet().retainAll(reports.stream().map(LeaderReport::shard).toList());
    Future<Void> done = Future.succeededFuture();
    for (var report : reports) {
      if (isDue(report)) {
        note(report);
        done = done.compose(before -> report.write(database, names)).recover(this::notWritten);
      }
    }
    return done;
  }

  boolean isDue(LeaderReport report) {
    var before = written.get(report.shard());
    if (before == null
        || before.isTrouble == report.problems().isEmpty()
        || before.isLog != report.source().isLog()) {
      return true;
    }
    long since = nanoTime.getAsLong() - before.nanos;
    return since >= LeaderReport.REPEATED_AFTER.toNanos()
        || (!before.news.equals(report.news()) && since >= BETWEEN_CHANGES.toNanos());
  }

  private void note(LeaderReport report) {
    written.put(
        report.shard(),
        new Written(
            report.news(),
            !report.problems().isEmpty(),
            report.source().isLog(),
            nanoTime.getAsLong()));
  }

  /**
   * Logs a failed write at debug level only. A write fails, for example, if the table is locked or
   * the role lacks the privilege; the command {@code check} reports the missing privilege.
   */
  private Future<Void> notWritten(Throwable failure) {
    LOG.debug("the report for the command status was not written", failure);
    return Future.succeededFuture();
  }
}

package io.outboxrelay.status;

import io.outboxrelay.account.AccountDifferences;
import io.outboxrelay.outbox.ForeignLock;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The queries of a {@link DatabaseMonitor}, on a connection of its own, which is opened when it is
 * needed.
 */
interface MonitorQueries {
  /**
   * The server's clock, with the times around the query.
   *
   * @param askedNanos the {@link System#nanoTime} when the query was sent
   * @param answeredNanos the {@link System#nanoTime} when the answer came
   * @param databaseMicros the time of the server's clock, in microseconds since 1970
   */
  record ClockReading(long askedNanos, long answeredNanos, long databaseMicros) {}

  Future<ClockReading> clock();

  Future<List<LockWait>> lockWaits();

  Future<List<OpenTransaction>> openTransactions();

  /**
   * Completes with all shards. The backlog is counted for the shards {@code counted} and for shards
   * without a leader.
   */
  Future<List<ShardRow>> shards(Collection<Integer> counted);

  Future<List<ForeignLock>> foreignLocks();

  Future<AccountDifferences.Summary> differences();

  /** Writes the reports that are due. */
  Future<Void> write(List<LeaderReport> reports);

  /** Completes with the size of each table on disk in bytes, by the table's name. */
  Future<Map<String, Long>> tableSizes();

  /** Closes the connection, if there is one; the next query opens another one. */
  Future<Void> release();

  /** Closes the connection for good; later queries fail. */
  Future<Void> close();
}

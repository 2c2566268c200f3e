package io.outboxrelay.bench;

import io.outboxrelay.testkit.PostgresServer;
import java.sql.SQLException;
import java.util.Arrays;

/**
 * Sets and measures the duration of a commit.
 *
 * <p>{@code commit_delay} is added to the time of the disk's flush, and a slow disk would hide it.
 * Therefore a server with a given commit time keeps its files in memory, so that only the delay
 * remains. Transactions that commit during the delay share it, like a disk's flush.
 */
final class CommitLatency {
  private static final int TRIES = 300;

  private CommitLatency() {}

  /**
   * Returns the builder of a server with this commit time in microseconds; 0 for a server on disk.
   */
  static PostgresServer.Builder taking(int micros) {
    var postgres = PostgresServer.builder();
    return micros == 0
        ? postgres
        : postgres.inMemory().setting("commit_delay", micros).setting("commit_siblings", 0);
  }

  /** Measures the commit time of a single connection; returns the median in milliseconds. */
  static double millis(BenchmarkEnvironment stage) throws SQLException {
    var nanos = new long[TRIES];
    try (var connection = stage.database.connect();
        var statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < TRIES; i++) {
        // A commit without a log record would flush nothing.
        statement.execute("select pg_logical_emit_message(true, 'commit', '')");
        long began = System.nanoTime();
        connection.commit();
        nanos[i] = System.nanoTime() - began;
      }
    }
    Arrays.sort(nanos);
    return nanos[TRIES / 2] / 1e6;
  }
}

package io.outboxrelay.bench;

import io.outboxrelay.testkit.PostgresServer;
import java.sql.SQLException;
import java.util.Arrays;

/**
 * How long a commit takes.
 *
 * <p>{@code commit_delay} comes on top of the time that the disk takes to flush, and several
 * milliseconds of a disk would hide it. So a server that is to commit in a given time keeps its
 * files in memory, where nothing but the delay is left. It is shared as a disk's flush is: all that
 * commit meanwhile are flushed together.
 */
final class CommitLatency {
  private static final int TRIES = 300;

  private CommitLatency() {}

  /** A server whose commits take so long; as its disk takes, where {@code micros} is 0. */
  static PostgresServer.Builder taking(int micros) {
    var postgres = PostgresServer.builder();
    return micros == 0
        ? postgres
        : postgres.inMemory().setting("commit_delay", micros).setting("commit_siblings", 0);
  }

  /** What a commit of one connection takes in truth, in the median, in milliseconds. */
  static double millis(BenchmarkEnvironment stage) throws SQLException {
    var nanos = new long[TRIES];
    try (var connection = stage.database.connect();
        var statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < TRIES; i++) {
        // Without anything in the log there is nothing to flush.
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

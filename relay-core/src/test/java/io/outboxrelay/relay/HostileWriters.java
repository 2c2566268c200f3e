package io.outboxrelay.relay;

import static java.util.stream.Collectors.toMap;

import io.outboxrelay.testkit.AggregateVersions;
import io.outboxrelay.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Writers that keep each aggregate's events in order by locking the row of the aggregate, and
 * otherwise are as difficult for the relay as real applications. They take their transaction id
 * early, use savepoints, roll back, prepare transactions and commit them on another connection,
 * write several aggregates in one transaction, and keep transactions open for seconds.
 *
 * <p>They write for a time that is fixed before, and their failure fails the test. The writers of
 * the chaos suite are others: they run until they are stopped, survive every fault, also in the
 * middle of a prepared transaction, and keep the order in more than one way.
 *
 * <p>Every event carries the version of its aggregate: 1, 2, 3 … in commit order. The versions that
 * arrive therefore show any loss, repetition or wrong order.
 */
public final class HostileWriters implements AutoCloseable {
  private static final int AGGREGATES = 30;

  private final TestDatabase database;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Future<?>> writers = new ArrayList<>();
  private final long deadline;
  private boolean surviving;

  public HostileWriters(TestDatabase database, Duration time) throws SQLException {
    this.database = database;
    this.deadline = System.nanoTime() + time.toNanos();
    database.execute(AggregateVersions.script(AGGREGATES));
  }

  /** Lets writers continue after a lost connection. Such writers prepare no transactions. */
  public HostileWriters surviving() {
    surviving = true;
    return this;
  }

  /** Starts {@code quick} writers, and {@code slow} ones with transactions that take seconds. */
  public void start(int quick, int slow, long seed) {
    for (int i = 0; i < quick + slow; i++) {
      var writer = new Writer(new Random(seed + i), i >= quick, "writer-" + seed + "-" + i);
      writers.add(threads.submit(writer::run));
    }
  }

  public boolean isRunning() {
    return writers.stream().anyMatch(writer -> !writer.isDone());
  }

  /** Waits for all writers; returns the last version of each aggregate that has one. */
  public Map<String, Integer> finish() throws Exception {
    for (var writer : writers) {
      writer.get();
    }
    try (var connection = database.connect()) {
      return AggregateVersions.all(connection);
    }
  }

  /** Returns the number of events. */
  static int total(Map<String, Integer> lastVersions) {
    return lastVersions.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Returns the versions 1, 2, 3 … of each aggregate, up to the last one. */
  static Map<String, List<Integer>> upTo(Map<String, Integer> lastVersions) {
    return lastVersions.entrySet().stream()
        .collect(
            toMap(
                Map.Entry::getKey,
                last -> IntStream.rangeClosed(1, last.getValue()).boxed().toList()));
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }

  private final class Writer {
    private final Random random;
    private final boolean slow;
    private final String name;
    private int prepared;

    Writer(Random random, boolean slow, String name) {
      this.random = random;
      this.slow = slow;
      this.name = name;
    }

    Void run() throws SQLException {
      while (System.nanoTime() < deadline) {
        try (var connection = database.connect()) {
          write(connection);
        } catch (SQLException e) {
          if (!surviving) {
            throw e;
          }
          pause(100);
        }
      }
      return null;
    }

    private void write(Connection connection) throws SQLException {
      while (System.nanoTime() < deadline) {
        transaction(connection);
        if (!slow) {
          pause(random.nextInt(3) == 0 ? 100 : 10);
        }
      }
    }

    private void transaction(Connection connection) throws SQLException {
      execute(connection, "begin");
      if (random.nextBoolean()) {
        AggregateVersions.takeTransactionId(connection);
      }
      if (random.nextInt(10) < 3) {
        pause(50);
      }
      for (var aggregate : AggregateVersions.some(random, AGGREGATES)) {
        write(connection, aggregate);
      }
      end(connection);
    }

    private void write(Connection connection, String aggregate) throws SQLException {
      int before = AggregateVersions.lock(connection, aggregate);
      int version = before;
      if (random.nextInt(5) == 0) {
        execute(connection, "savepoint s");
      }
      int count = List.of(1, 1, 2, 5).get(random.nextInt(4));
      for (int i = 0; i < count; i++) {
        execute(connection, RelayEnvironment.insert(aggregate, ++version));
        if (random.nextInt(10) == 0) {
          execute(connection, "savepoint undone");
          execute(connection, RelayEnvironment.insert(aggregate, 1_000_000));
          execute(connection, "rollback to savepoint undone");
        }
      }
      AggregateVersions.advance(connection, aggregate, before, version);
      if (slow) {
        pause(2_000);
      } else if (random.nextInt(5) == 0) {
        pause(20);
      }
    }

    private void end(Connection connection) throws SQLException {
      int eventStatus = random.nextInt(100);
      if (eventStatus < 15) {
        execute(connection, "rollback");
      } else if (eventStatus < 25 && !surviving) {
        prepare(connection, eventStatus < 23 ? "commit" : "rollback");
      } else {
        execute(connection, "commit");
      }
    }

    private void prepare(Connection connection, String eventStatus) throws SQLException {
      String id = "'" + name + "-" + ++prepared + "'";
      try {
        execute(connection, "prepare transaction " + id);
      } catch (SQLException e) {
        // PostgreSQL cannot prepare a transaction that has rung the doorbell, and rolls it back.
        if (!e.toString().contains("NOTIFY")) {
          throw e;
        }
        return;
      }
      pause(200);
      try (var other = database.connect()) {
        execute(other, eventStatus + " prepared " + id);
      }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
      try (var statement = connection.createStatement()) {
        statement.execute(sql);
      }
    }

    private void pause(int mostMillis) {
      LockSupport.parkNanos(1_000_000L * random.nextInt(mostMillis));
    }
  }
}

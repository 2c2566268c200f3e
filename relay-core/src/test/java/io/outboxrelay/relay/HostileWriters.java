package io.outboxrelay.relay;

import static java.util.stream.Collectors.toMap;

import io.outboxrelay.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Applications that keep each aggregate's writes in order by locking its row, and otherwise do what
 * real ones do at their worst: take their transaction id early, use savepoints, roll back, prepare
 * transactions and commit them from elsewhere, write several aggregates, stay open for seconds.
 *
 * <p>Every event carries its aggregate's version 1, 2, 3 … in commit order, so loss, repetition and
 * wrong order are all visible.
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
    database.execute(
        """
        create table if not exists aggregate (id int primary key, version int not null);
        create table if not exists other (x int);
        insert into aggregate select g, 0 from generate_series(1, %d) g on conflict do nothing;
        """
            .formatted(AGGREGATES));
  }

  /** Lets writers go on after a connection was lost; they prepare no transactions then. */
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
    var versions = new HashMap<String, Integer>();
    try (var connection = database.connect();
        var rows =
            connection
                .createStatement()
                .executeQuery("select id, version from aggregate where version > 0")) {
      while (rows.next()) {
        versions.put("a-" + rows.getInt(1), rows.getInt(2));
      }
    }
    return versions;
  }

  /** How many events there are. */
  static int total(Map<String, Integer> lastVersions) {
    return lastVersions.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Versions 1, 2, 3 … of each aggregate, up to the last. */
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
        // takes the transaction id long before the sequence numbers
        execute(connection, "insert into other values (1)");
      }
      if (random.nextInt(10) < 3) {
        pause(50);
      }
      for (int aggregate : someAggregates()) {
        write(connection, aggregate);
      }
      end(connection);
    }

    private Set<Integer> someAggregates() {
      // in order, or writers would deadlock
      var aggregates = new TreeSet<Integer>();
      int count = random.nextInt(5) < 3 ? 1 : 1 + random.nextInt(3);
      while (aggregates.size() < count) {
        aggregates.add(1 + random.nextInt(AGGREGATES));
      }
      return aggregates;
    }

    private void write(Connection connection, int aggregate) throws SQLException {
      int version = lock(connection, aggregate);
      if (random.nextInt(5) == 0) {
        execute(connection, "savepoint s");
      }
      int count = List.of(1, 1, 2, 5).get(random.nextInt(4));
      for (int i = 0; i < count; i++) {
        execute(connection, RelayBench.insert("a-" + aggregate, ++version));
        if (random.nextInt(10) == 0) {
          execute(connection, "savepoint undone");
          execute(connection, RelayBench.insert("a-" + aggregate, 1_000_000));
          execute(connection, "rollback to savepoint undone");
        }
      }
      execute(connection, "update aggregate set version = " + version + " where id = " + aggregate);
      if (slow) {
        pause(2_000);
      } else if (random.nextInt(5) == 0) {
        pause(20);
      }
    }

    private int lock(Connection connection, int aggregate) throws SQLException {
      try (var row =
          connection
              .createStatement()
              .executeQuery(
                  "select version from aggregate where id = " + aggregate + " for update")) {
        row.next();
        return row.getInt(1);
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
        // A transaction that has rung the doorbell cannot be prepared: it is rolled back.
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

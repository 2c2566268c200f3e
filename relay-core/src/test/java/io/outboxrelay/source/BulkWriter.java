package io.outboxrelay.source;

import io.outboxrelay.testkit.TestDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes transactions of thousands of events, of which it rolls some back. It runs beside {@code
 * HostileWriters}, which write small transactions, and uses aggregates of its own. It numbers its
 * events in the statement that inserts them, so it needs no table of versions.
 */
final class BulkWriter implements Callable<Void> {
  private static final int AGGREGATES = 4;

  private final TestDatabase database;
  private final long deadline;
  private final Random random;
  private final boolean surviving;

  BulkWriter(TestDatabase database, Duration time, long seed, boolean surviving) {
    this.database = database;
    this.deadline = System.nanoTime() + time.toNanos();
    this.random = new Random(seed);
    this.surviving = surviving;
  }

  @Override
  public Void call() throws SQLException {
    while (System.nanoTime() < deadline) {
      try (var connection = database.connect()) {
        connection.setAutoCommit(false);
        while (System.nanoTime() < deadline) {
          transaction(connection.createStatement());
          if (random.nextInt(6) == 0) {
            connection.rollback();
          } else {
            connection.commit();
          }
          LockSupport.parkNanos(1_000_000L * random.nextInt(1_500));
        }
      } catch (SQLException e) {
        if (!surviving) {
          throw e;
        }
        LockSupport.parkNanos(100_000_000L);
      }
    }
    return null;
  }

  private void transaction(java.sql.Statement statement) throws SQLException {
    String aggregate = "bulk-" + random.nextInt(AGGREGATES);
    int count = random.nextInt(3) == 0 ? 5_000 : 50 + random.nextInt(1_000);
    statement.execute(
        """
        insert into outbox (aggregate_type, aggregate_id, event_type, payload)
        select 'order', '%1$s', (before + g)::text, '{}'
        from (select coalesce(max(event_type::int), 0) as before from outbox
              where aggregate_id = '%1$s') b, generate_series(1, %2$d) g
        """
            .formatted(aggregate, count));
  }

  /** Returns the last version of each aggregate, read from the table, because a commit may hang. */
  Map<String, Integer> versions() throws SQLException {
    var versions = new HashMap<String, Integer>();
    try (var connection = database.connect();
        var rows =
            connection
                .createStatement()
                .executeQuery(
                    "select aggregate_id, max(event_type::int) from outbox"
                        + " where aggregate_id like 'bulk-%' group by 1")) {
      while (rows.next()) {
        versions.put(rows.getString(1), rows.getInt(2));
      }
    }
    return versions;
  }
}

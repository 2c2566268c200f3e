package io.outboxrelay.window;

import io.outboxrelay.account.PageAccount;
import io.outboxrelay.database.TestConnections;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.page.EventPage;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/** Measures the cost of the account: processor time and memory per event, log per checkpoint. */
final class AccountCost {
  private static final int PAGE = 1_000;

  private AccountCost() {}

  public static void main(String[] arguments) throws Exception {
    ofEvents();
    ofCheckpoints();
  }

  private static void ofEvents() {
    var page = page(5_000_000);
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (int round = 0; round < 8; round++) {
      long bytes = threads.getCurrentThreadAllocatedBytes();
      long cpu = threads.getCurrentThreadCpuTime();
      int pages = 5_000;
      for (int i = 0; i < pages; i++) {
        sum += PageAccount.of(page).size();
      }
      System.out.printf(
          Locale.ROOT,
          "%.1f ns and %.2f bytes per event%n",
          (threads.getCurrentThreadCpuTime() - cpu) / (double) (pages * PAGE),
          (threads.getCurrentThreadAllocatedBytes() - bytes) / (double) (pages * PAGE));
    }
    System.out.println(sum);
  }

  private static List<OutboxEvent> page(long first) {
    var events = new ArrayList<OutboxEvent>();
    for (int i = 0; i < PAGE; i++) {
      events.add(
          OutboxEvent.builder(first + i, UUID.randomUUID())
              .aggregate("t", "a")
              .type("e")
              .payload(null, "")
              .build());
    }
    return events;
  }

  private static void ofCheckpoints() throws Exception {
    var config = OutboxConfig.from(Settings.of("test", Map.of()));
    var vertx = Vertx.vertx();
    try (var server = PostgresServer.builder().start();
        var database = server.createDatabase()) {
      database.execute(new OutboxSchema(config).script());
      var connection = TestConnections.open(vertx, database);
      var store = new CheckpointStore(connection, config.names(), ShardKey.all());
      var start = store.claim("test", "").await();
      for (boolean counts : new boolean[] {false, true, false, true}) {
        int checkpoints = 2_000;
        long before = position(database);
        long nanos = System.nanoTime();
        for (int i = 0; i < checkpoints; i++) {
          var position = new Checkpoint(start.settled(), i, 0, 0, null);
          if (counts) {
            store.read(new EventPage<>(page(500L * i), Map.of(), 0, position));
          }
          store.store(position).await();
        }
        System.out.printf(
            Locale.ROOT,
            "%s: %.0f bytes of log and %.0f µs per checkpoint%n",
            counts ? "with the account" : "without",
            (position(database) - before) / (double) checkpoints,
            (System.nanoTime() - nanos) / 1e3 / checkpoints);
      }
      connection.close().await();
    } finally {
      vertx.close().await();
    }
  }

  private static long position(TestDatabase database) throws SQLException {
    return database.number("select pg_current_wal_insert_lsn() - '0/0'");
  }
}

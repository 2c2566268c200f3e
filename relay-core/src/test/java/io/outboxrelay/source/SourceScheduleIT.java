package io.outboxrelay.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.TestConnections;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.relay.HostileWriters;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies that no event is lost, repeated or overtaken while {@code HostileWriters} write, the
 * source changes at random, and slots, connections, readers and servers fail.
 *
 * <p>{@code -Dsource.seconds=600} makes each run longer, and {@code -Dsource.seed=7} repeats one.
 */
class SourceScheduleIT {
  private static final Logger LOG = LoggerFactory.getLogger(SourceScheduleIT.class);
  private static final int SECONDS = Integer.getInteger("source.seconds", 6);
  private static final long SEED = Long.getLong("source.seed", System.nanoTime());
  private static final OutboxConfig CONFIG =
      OutboxConfig.from(Settings.of("test", Map.of("outbox", Map.of("table", "outbox"))));
  private static final OutboxNames NAMES = CONFIG.names();

  private final Random random = new Random(SEED);
  private DeliveryRecord record = new DeliveryRecord();
  private final Map<String, Integer> tally = new HashMap<>();
  private Vertx vertx;
  private PostgresServer server;
  private TestDatabase database;
  private Database connections;
  private ReaderLife life;
  private LogConfig config = new LogConfig(SourceMode.AUTO, 1L << 40, SlotKind.TEMPORARY);

  @BeforeEach
  void start() throws SQLException {
    start(PostgresServer.builder());
    newLife();
  }

  private void start(PostgresServer.Builder on) throws SQLException {
    vertx = Vertx.vertx();
    server = on.setting("wal_level", "logical").setting("max_prepared_transactions", 30).start();
    database = server.createDatabase();
    database.execute(new OutboxSchema(CONFIG).withoutDoorbell().script());
    connections = Database.create(vertx, TestConnections.config(database));
  }

  @AfterEach
  void close() {
    life.crash();
    ReaderLife.await(connections.close());
    ReaderLife.await(vertx.close());
    server.close();
  }

  private void newLife() {
    life =
        new ReaderLife(connections, NAMES, record, config, ShardKey.all(), random.nextLong())
            .begin();
  }

  @Test
  void throughChangesOfTheSource() throws Exception {
    run(false, () -> fault(random.nextInt(4)));
  }

  @Test
  void throughCrashesOfTheReader() throws Exception {
    run(false, () -> fault(random.nextInt(6)));
  }

  @Test
  void throughCrashesOfTheServer() throws Exception {
    run(true, () -> fault(random.nextInt(4) == 0 ? 6 : random.nextInt(6)));
  }

  @Test
  void throughCrashesWithAPermanentSlot() throws Exception {
    life.crash();
    config = new LogConfig(SourceMode.AUTO, 1L << 40, SlotKind.PERMANENT);
    newLife();
    run(
        true,
        () -> fault(random.nextInt(5) == 0 ? 6 : List.of(0, 1, 2, 3, 5, 5).get(random.nextInt(6))));
  }

  /** A commit that waits for a standby is in the log, and no snapshot sees it yet. */
  @Test
  void throughCommitsThatWaitForAStandby() throws Exception {
    run(false, () -> fault(random.nextInt(3) > 0 ? 7 : List.of(0, 1, 3, 5).get(random.nextInt(4))));
  }

  @ParameterizedTest
  @MethodSource("io.outboxrelay.testkit.PostgresServer#versions")
  void onEachVersion(int version) throws Exception {
    close();
    record = new DeliveryRecord();
    start(PostgresServer.builder().version(version));
    newLife();
    run(true, (SECONDS + 1) / 2, () -> fault(random.nextInt(4) == 0 ? 6 : random.nextInt(6)));
  }

  private interface Fault {
    void happen() throws Exception;
  }

  private void run(boolean surviving, Fault fault) throws Exception {
    run(surviving, SECONDS, fault);
  }

  private void run(boolean surviving, int seconds, Fault fault) throws Exception {
    var time = Duration.ofSeconds(seconds);
    var writers = new HostileWriters(database, time);
    if (surviving) {
      writers.surviving();
    }
    var threads = Executors.newCachedThreadPool();
    try (writers) {
      var bulk = new BulkWriter(database, time, random.nextLong(), surviving);
      var written = threads.submit(bulk);
      // At most one slow writer, because slow ones delay a new slot by seconds.
      writers.start(8, random.nextInt(2), random.nextLong());
      while (writers.isRunning() && record.errors().isEmpty()) {
        awaitLog();
        if (life.broken().isComplete()) {
          count("broken: " + life.broken().cause());
          life.crash();
          newLife();
        }
        fault.happen();
      }
      assertThat(record.errors()).as("seed %s", SEED).isEmpty();
      var committed = new HashMap<>(writers.finish());
      written.get();
      committed.putAll(bulk.versions());
      if (life.broken().isComplete()) {
        life.crash();
        newLife();
      }
      life.pause(false);
      await("all of " + committed + " delivered, seed " + SEED)
          .atMost(Duration.ofMinutes(2))
          .failFast(() -> life.broken().isComplete())
          .untilAsserted(() -> assertThat(record.state()).isEqualTo(committed));
      assertThat(record.errors()).as("seed %s", SEED).isEmpty();
      count("delivered", record.delivered());
      count("changes", life.changes());
      LOG.info("seed {}: {}", SEED, tally);
    } finally {
      threads.shutdownNow();
    }
  }

  /**
   * Waits for the log for a random time, so that most faults happen while it is read, and some
   * while a slot is being created.
   */
  private void awaitLog() {
    long until = System.nanoTime() + 1_000_000L * (random.nextInt(5) == 0 ? 300 : 4_000);
    while (!life.readsLog() && System.nanoTime() < until) {
      LockSupport.parkNanos(5_000_000L);
    }
    LockSupport.parkNanos(
        1_000_000L * (random.nextBoolean() ? random.nextInt(50) : random.nextInt(900)));
  }

  private void count(String what) {
    count(what, 1);
  }

  private void count(String what, long number) {
    tally.merge(what, (int) number, Integer::sum);
  }

  private void fault(int kind) throws Exception {
    count((life.readsLog() ? "log: " : "table: ") + kind);
    switch (kind) {
      case 0 -> {} // no fault
      case 1 ->
          database.execute(
              "select pg_terminate_backend(active_pid) from pg_replication_slots where active");
      case 2 -> loseSlot();
      case 3 -> {
        life.pause(true);
        LockSupport.parkNanos(1_000_000L * random.nextInt(300));
        life.pause(false);
      }
      case 4 -> changePublication();
      case 5 -> {
        count("changes", life.changes());
        life.crash();
        newLife();
      }
      case 7 -> standbyIsAbsent();
      default -> {
        count("changes", life.changes());
        life.crash();
        record.serverCrashes();
        server.kill();
        server.restart();
        newLife();
      }
    }
  }

  private void loseSlot() throws SQLException {
    database.execute("alter system set max_slot_wal_keep_size = 0");
    database.execute("select pg_reload_conf()");
    for (int i = 0; i < 2; i++) {
      database.execute("select pg_switch_wal()");
      database.execute("insert into other values (2)");
    }
    database.execute("checkpoint");
    database.execute("alter system reset max_slot_wal_keep_size");
    database.execute("select pg_reload_conf()");
  }

  private void standbyIsAbsent() throws SQLException {
    database.execute("alter system set synchronous_standby_names = 'absent'");
    database.execute("select pg_reload_conf()");
    LockSupport.parkNanos(1_000_000L * (200 + random.nextInt(600)));
    if (random.nextBoolean()) {
      database.execute(
          "select pg_terminate_backend(active_pid) from pg_replication_slots where active");
      LockSupport.parkNanos(1_000_000L * random.nextInt(300));
    }
    database.execute("alter system reset synchronous_standby_names");
    database.execute("select pg_reload_conf()");
  }

  private void changePublication() throws SQLException {
    database.execute("drop publication if exists \"" + NAMES.publication() + '"');
    LockSupport.parkNanos(1_000_000L * random.nextInt(300));
    database.execute(new OutboxSchema(CONFIG).withoutDoorbell().script());
  }
}

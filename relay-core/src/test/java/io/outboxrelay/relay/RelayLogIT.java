package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.testkit.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A relay that reads the write-ahead log promises the same, and the table bridges each failure. */
class RelayLogIT {
  private RelayBench bench;

  @BeforeEach
  void create() throws SQLException {
    RelayBench.assumeOneRelay();
    bench = RelayBench.create().with("relay.source", "auto");
  }

  @AfterEach
  void close() {
    if (bench != null) {
      bench.close();
    }
  }

  @Test
  void theBacklogComesFromTheTableAndTheRestFromTheLog() throws SQLException {
    bench.commit("a-1", 1, 2);
    var relay = bench.leading();
    awaitLog(relay);

    bench.commit("a-1", 3);
    bench.commit("a-2", 1);

    bench.awaitArrivals(4);
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(1, 2, 3), "a-2", List.of(1)));
  }

  @Test
  void aStopLeavesNoSlotAndRepeatsNothing() throws SQLException {
    var relay = bench.leading();
    awaitLog(relay);
    bench.commit("a-1", 1, 2, 3);
    bench.awaitArrivals(3);
    bench.stopAll();
    await().atMost(PATIENCE).until(() -> slots() == 0);

    bench.commit("a-1", 4);
    var next = bench.leading();
    bench.awaitArrivals(4);
    awaitLog(next);
    bench.commit("a-1", 5);

    bench.awaitArrivals(5);
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(1, 2, 3, 4, 5)));
  }

  @Test
  void nothingIsLostOrOvertakenWhileWalsendersAreKilled() throws Exception {
    var relay = bench.with("relay.page-size", 7).leading();
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(10))) {
      writers.start(8, 1, 3);
      while (writers.isRunning()) {
        await()
            .atMost(PATIENCE)
            .until(
                () -> value(relay, "outbox_source_log{shard=\"0\"}") == 1 || !writers.isRunning());
        int before = bench.arrived().size();
        bench.awaitArrivals(before + 20, writers);
        killWalsenders();
      }
      var committed = writers.finish();

      bench.awaitArrivals(HostileWriters.total(committed));
      assertThat(bench.versions()).isEqualTo(HostileWriters.upTo(committed));
    }
  }

  @Test
  void severalShardsReadTheLog() throws Exception {
    bench.close();
    bench = RelayBench.withoutOutbox(PostgresServer.shared());
    bench.with("relay.source", "auto").with("relay.shards", 3).init();
    var relay = bench.started();
    bench.awaitAllLed();
    for (int shard = 0; shard < 3; shard++) {
      String series = "outbox_source_log{shard=\"" + shard + "\"}";
      await().atMost(PATIENCE).until(() -> value(relay, series) == 1);
    }
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(5))) {
      writers.start(6, 0, 3);
      var committed = writers.finish();

      bench.awaitArrivals(HostileWriters.total(committed));
      assertThat(bench.versions()).isEqualTo(HostileWriters.upTo(committed));
    }
  }

  /** The broker takes nothing, so nothing of the log can be confirmed. */
  @Test
  void anOutageHoldsTheLogBackNoFurtherThanTheBudget() throws SQLException {
    var relay = bench.with("relay.log.budget", "32MiB").leading();
    awaitLog(relay);
    bench.broker().fail(message -> true);
    bench.commit("a-1", 1);
    for (int i = 0; i < 20; i++) {
      bench.commitMany(1, 10);
      bench
          .database()
          .execute(
              "create table if not exists noise (x text); insert into noise"
                  + " select repeat(md5(g::text), 60) from generate_series(1, 1000) g");
    }

    String overBudget = "outbox_source_changes_total{reason=\"budget\",shard=\"0\",to=\"table\"}";
    await().atMost(PATIENCE).until(() -> value(relay, overBudget) >= 1);
    bench.broker().fail(message -> false);
    bench.broker().restart();
    bench.awaitArrivals(21);
    awaitLog(relay);
  }

  @Test
  void aDroppedPublicationIsNoticed() throws SQLException {
    var relay = bench.leading();
    awaitLog(relay);
    String publication = OutboxConfig.from(bench.settings()).names().publication();
    bench.database().execute("drop publication \"" + publication + "\"");

    bench.commit("a-1", 1);

    bench.awaitArrivals(1);
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(1)));
    assertThat(value(relay, "outbox_source_log{shard=\"0\"}")).isZero();
  }

  @Test
  void withoutThePrivilegeTheTableIsRead() throws SQLException {
    Role.create(bench);
    var relay = bench.leading();
    bench.commit("a-1", 1);

    bench.awaitArrivals(1);
    await().atMost(PATIENCE).until(() -> reason(relay).contains("REPLICATION"));
  }

  @Test
  void belowLogicalTheTableIsRead() throws SQLException {
    try (var server = PostgresServer.builder().setting("wal_level", "replica").start()) {
      var other = RelayBench.on(server).with("relay.source", "log");
      var relay = other.leading();
      other.commit("a-1", 1);

      other.awaitArrivals(1);
      await().atMost(PATIENCE).until(() -> reason(relay).contains("wal_level is replica"));
      other.close();
    }
  }

  private static String reason(Relay relay) {
    return relay.metrics().shard(0).sourceReason();
  }

  private int slots() throws SQLException {
    return Integer.parseInt(
        bench.query(
            "select count(*) from pg_replication_slots where database = current_database()"));
  }

  private void killWalsenders() throws SQLException {
    bench.query(
        "select count(pg_terminate_backend(active_pid)) from pg_replication_slots"
            + " where database = current_database() and active");
  }

  private static void awaitLog(Relay relay) {
    await().atMost(PATIENCE).until(() -> value(relay, "outbox_source_log{shard=\"0\"}") == 1);
  }

  private static double value(Relay relay, String series) {
    return relay
        .metrics()
        .scrape()
        .lines()
        .filter(line -> line.startsWith(series + " "))
        .findFirst()
        .map(line -> Double.parseDouble(line.substring(series.length() + 1)))
        .orElse(-1.0);
  }
}

package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.health.HealthReport;
import io.outboxrelay.membership.RelayIdentity;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.status.RelayStatus;
import io.outboxrelay.status.StatusCode;
import io.outboxrelay.status.StatusInputs;
import io.outboxrelay.status.StatusSnapshot;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import java.sql.SQLException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

/** The status of a relay in case of a fault, from the relay and from the database alone. */
class RelayStatusIT extends WithRelayBench {
  @Test
  void allIsWell() throws Exception {
    var relay = bench.leading();
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);

    awaitSaid(relay, StatusCode.IDLE, "nothing that is committed waits");
    // Other processes know it from the checkpoint, which is stored a moment later.
    await().atMost(PATIENCE).until(() -> RelayStatus.of(told()).state() == StatusCode.IDLE);
    assertThat(relay.ready().isWell()).as("%s", relay.ready()).isTrue();
    assertThat(relay.started().isWell()).isTrue();
    assertThat(relay.live().isWell()).isTrue();
  }

  @Test
  void theBrokerIsDown() throws SQLException {
    RelayBench.assumeOneRelay();
    var relay = bench.leading();
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);

    bench.broker().kill();
    bench.commit("a-1", 2);

    awaitSaid(relay, StatusCode.STUCK, "on the broker");
    assertThat(part(relay.ready(), "broker").well()).isFalse();
    assertThat(part(relay.ready(), "database").well()).isTrue();
    assertThat(relay.live().isWell()).isTrue();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(RelayStatus.of(told()).toString())
                    .as("what a command on another machine says")
                    .startsWith("stuck: on the broker, for "));

    bench.broker().restart();
    bench.awaitArrivals(2);
    awaitSaid(relay, StatusCode.IDLE, "nothing");
    assertThat(relay.ready().isWell()).as("%s", relay.ready()).isTrue();
  }

  @Test
  void theBrokerWasNeverUp() throws Exception {
    RelayBench.assumeOneRelay();
    bench.broker().kill();
    var relay = bench.relay();
    var starting = relay.start();

    awaitSaid(relay, StatusCode.STARTING, "not yet");
    assertThat(relay.started().isWell()).isFalse();
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(part(relay.ready(), "shards").why()).isEqualTo("it leads shard 0 of 1"));
    // A relay owns the shard a moment before the checkpoint row names it.
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(told().shards().get(0).leader()).hasValue(RelayIdentity.processName()));
    bench.commit("a-1", 1, 2);
    awaitSaid(relay, StatusCode.STUCK, "on the broker, for ");
    assertThat(part(relay.ready(), "broker").well()).isFalse();
    assertThat(relay.live().isWell()).isTrue();

    bench.broker().restart();
    done(starting);
    assertThat(relay.started().isWell()).isTrue();
  }

  @Test
  void aTransactionStaysOpenAndOnlyItsOwnEventsAreLate() throws Exception {
    var relay = bench.leading();
    try (var late = bench.database().connect()) {
      late.setAutoCommit(false);
      late.createStatement().execute("set application_name = 'nightly-job'");
      late.createStatement().execute(RelayBench.insert("late", 1));
      String pid = pid(late);
      bench.commit("a-1", 1);
      bench.awaitArrivals(1);

      String named = "transaction of pid " + pid + " (nightly-job, idle in transaction) is open";
      awaitSaid(relay, StatusCode.IDLE, named);
      assertThat(RelayStatus.of(told()).toString()).startsWith("idle").contains(named);
      assertThat(relay.metrics().scrape())
          .contains(
              "outbox_open_transaction_seconds{application=\"nightly-job\",pid=\"" + pid + "\"}");
      bench.commit("a-1", 2);
      bench.awaitArrivals(2);
      assertThat(bench.versions()).doesNotContainKey("late");

      late.commit();
      bench.awaitArrivals(3);
      await()
          .atMost(PATIENCE)
          .until(() -> !relay.verdict().toString().contains("transaction of pid"));
    }
  }

  @Test
  void aLockIsInTheWay() throws Exception {
    var relay = bench.leading();
    try (var locking = bench.database().connect()) {
      locking.setAutoCommit(false);
      locking.createStatement().execute("lock table outbox_checkpoint in share mode");
      bench.commit("a-1", 1);

      String said = "on a lock: pid " + pid(locking);
      awaitSaid(relay, StatusCode.STUCK, said);
      assertThat(RelayStatus.of(told()).toString()).startsWith("stuck: " + said);

      locking.rollback();
      bench.awaitArrivals(1);
      awaitSaid(relay, StatusCode.IDLE, "nothing");
    }
  }

  @Test
  void anotherRelayLeads() throws SQLException {
    RelayBench.assumeOneRelay();
    bench.leading();
    var second = bench.started();

    awaitSaid(second, StatusCode.STANDING_BY, "for " + RelayIdentity.processName());
    assertThat(second.ready().isWell()).as("%s", second.ready()).isTrue();
    assertThat(part(second.ready(), "shards").why()).isEqualTo("it stands by");
  }

  @Test
  void anAggregateIsParked() throws Exception {
    RelayBench.assumeOneRelay();
    var relay = bench.leading();
    bench.broker().refuse(message -> "2".equals(message.headers().get(MessageHeaders.EVENT_TYPE)));
    bench.commit("a-1", 1, 2, 3);
    bench.awaitArrivals(1);

    awaitSaid(
        relay,
        StatusCode.IDLE,
        "1 aggregate is blocked behind a rejected event, see dead-letters list");
    assertThat(RelayStatus.of(told()).toString()).contains("1 aggregate is blocked");
    assertThat(relay.metrics().rejected()).isEqualTo(1);
    assertThat(relay.metrics().scrape())
        .contains("outbox_parked_aggregates{shard=\"0\"} 1.0")
        .contains("outbox_dead_letters{shard=\"0\"} 1.0")
        .contains("outbox_dead_letters_blocked_or_deferred{shard=\"0\"} 1.0");
  }

  @Test
  void noRelayLeads() throws Exception {
    RelayBench.assumeOneRelay();
    done(bench.leading().stop());
    bench.commit("a-1", 1, 2);

    assertThat(RelayStatus.of(told()).toString())
        .isEqualTo(
            "stuck: no relay leads shard 0; the last one was %s; 2 events wait there; start a relay"
                .formatted(RelayIdentity.processName()));
  }

  @Test
  void noRelayEverLed() throws Exception {
    RelayBench.assumeOneRelay();
    assertThat(RelayStatus.of(told()).toString())
        .isEqualTo(
            "stuck: no relay leads shard 0; none ever did; no event waits there; start a relay");
  }

  /**
   * The report's second query waits for a lock. A change that is made meanwhile appears in no part
   * of the report, because all queries use one snapshot.
   */
  @Test
  void allPartsOfAReportAreOfOneMoment() throws Exception {
    try (var changing = bench.database().connect()) {
      changing.setAutoCommit(false);
      changing.createStatement().execute("lock table outbox_pause in access exclusive mode");
      var reading = read();
      await().atMost(PATIENCE).until(() -> waitsForTheLockOf("outbox_pause"));
      changing.createStatement().execute(RelayBench.insert("a-1", 1));
      changing
          .createStatement()
          .execute("insert into outbox_pause (destination, paused_by) values ('orders', 'tester')");
      changing.createStatement().execute("insert into outbox_difference values (0, 1, 2, 0)");
      changing.commit();

      var before = done(reading);
      assertThat(before.waiting()).isZero();
      assertThat(before.pauses().list()).isEmpty();
      assertThat(before.differences().isEmpty()).isTrue();
      var after = done(read());
      assertThat(after.waiting()).isOne();
      assertThat(after.pauses().list()).hasSize(1);
      assertThat(after.differences().losing()).isOne();
    }
  }

  private boolean waitsForTheLockOf(String table) throws SQLException {
    try (var connection = bench.database().connect();
        var rows =
            connection
                .createStatement()
                .executeQuery(
                    "select 1 from pg_locks where not granted and relation = '%s'::regclass"
                        .formatted(table))) {
      return rows.next();
    }
  }

  private StatusInputs told() throws TimeoutException {
    return done(read()).inputs();
  }

  private Future<StatusSnapshot> read() throws TimeoutException {
    var connection =
        done(
            PgConnection.connect(
                bench.vertx(), DatabaseConfig.from(bench.settings()).toConnectOptions()));
    return StatusSnapshot.read(connection, bench.relayConfig().outbox().names())
        .eventually(connection::close);
  }

  private static void awaitSaid(Relay relay, StatusCode state, String words) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(relay.verdict().state()).as("%s", relay.verdict()).isEqualTo(state);
              assertThat(relay.verdict().sentence()).contains(words);
            });
  }

  private static HealthReport.Part part(HealthReport health, String name) {
    return health.parts().stream().filter(part -> part.name().equals(name)).findAny().orElseThrow();
  }

  private static String pid(java.sql.Connection connection) throws SQLException {
    try (var rows = connection.createStatement().executeQuery("select pg_backend_pid()")) {
      rows.next();
      return rows.getString(1);
    }
  }
}

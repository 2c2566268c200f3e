package io.outboxrelay.relay;

import static io.outboxrelay.relay.RelayBench.awaitState;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.leadership.RelayState;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The relay's counters match the events that were published. */
class RelayMetricsIT {
  private RelayBench bench;

  @BeforeEach
  void create() throws SQLException {
    RelayBench.assumeOneRelay();
    bench = RelayBench.create();
  }

  @AfterEach
  void close() {
    if (bench != null) {
      bench.close();
    }
  }

  @Test
  void countsEventsThatAreReadPublishedAndConfirmed() throws SQLException {
    var relay = bench.leading();
    bench.commitMany(500, 10);
    bench.awaitArrivals(500);
    awaitValue(relay, "outbox_events_read_total{shard=\"0\"}", 500);

    await().atMost(PATIENCE).until(() -> relay.metrics().confirmed() == 500);
    assertThat(relay.metrics().attempted()).isEqualTo(500);
    assertThat(relay.health().inFlight()).isZero();
    assertThat(RelayBench.value(relay, "outbox_publish_latency_seconds_count")).isEqualTo(500);
    assertThat(RelayBench.value(relay, "outbox_shard_leading{shard=\"0\"}")).isEqualTo(1);
    assertThat(RelayBench.value(relay, "outbox_shard_epoch{shard=\"0\"}")).isEqualTo(1);
    await()
        .atMost(PATIENCE)
        .until(() -> RelayBench.value(relay, "outbox_checkpoints_written_total{shard=\"0\"}") >= 1);
  }

  @Test
  void theTimeToDeliverIsByTheDatabasesClock() throws SQLException {
    var relay = bench.leading();
    await()
        .atMost(PATIENCE)
        .until(() -> RelayBench.value(relay, "outbox_database_clock_uncertainty_seconds") >= 0);
    bench
        .database()
        .execute(
            "insert into outbox (aggregate_type, aggregate_id, event_type, created_at)"
                + " values ('order', 'o-1', '1', now() - interval '100 seconds')");
    bench.awaitArrivals(1);

    await().atMost(PATIENCE).until(() -> relay.metrics().delivery().count() == 1);
    assertThat(relay.metrics().delivery().sum())
        .isBetween(99.9, 100 + (double) PATIENCE.toSeconds());
  }

  @Test
  void anOutageIsRetries() throws SQLException {
    var relay = bench.leading();
    bench.broker().fail(message -> true);
    bench.commit("a-1", 1);
    awaitValue(relay, "outbox_aggregates_retrying", 1);
    bench.broker().fail(message -> false);
    bench.broker().restart();
    bench.awaitArrivals(1);

    await().atMost(PATIENCE).until(() -> relay.metrics().confirmed() == 1);
    assertThat(relay.metrics().attempted()).isGreaterThan(1);
    assertThat(RelayBench.value(relay, "outbox_aggregates_retrying")).isZero();
  }

  @Test
  void aLateCommitIsARescan() throws SQLException {
    RelayBench.assumeTable();
    var relay = bench.leading();
    try (var late = bench.database().connect()) {
      late.setAutoCommit(false);
      late.createStatement().execute(RelayBench.insert("late", 1));
      bench.commit("a-1", 1);
      bench.awaitArrivals(1);
      // Every look begins some hundred numbers below the highest one; the late event must be lower.
      bench.database().execute("select count(nextval('outbox_seq')) from generate_series(1, 1000)");
      bench.commit("a-1", 2);
      bench.awaitArrivals(2);
      bench.commit("a-1", 3);
      bench.awaitArrivals(3);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  RelayBench.value(relay, "outbox_fences_held_seconds{shard=\"0\"}") > 0
                      && RelayBench.value(relay, "outbox_fences_span{shard=\"0\"}") > 0);
      late.commit();
    }
    bench.awaitArrivals(4);
    assertThat(RelayBench.value(relay, "outbox_rescans_total{shard=\"0\"}")).isPositive();
  }

  @Test
  void theDoorbellIsProvenAndHeard() throws SQLException {
    var relay = bench.leading();
    await()
        .atMost(PATIENCE)
        .until(
            () -> RelayBench.value(relay, "outbox_listener_notifications_total{shard=\"0\"}") >= 1);
    assertThat(RelayBench.value(relay, "outbox_listener_self_tests_total{shard=\"0\"}"))
        .isPositive();
    await()
        .atMost(PATIENCE)
        .until(() -> RelayBench.value(relay, "outbox_listener_down{shard=\"0\"}") == 0);
    assertThat(RelayBench.value(relay, "outbox_listener_missed_notifications_total{shard=\"0\"}"))
        .isZero();
  }

  @Test
  void waitingEventsAreCountedByTheLeader() throws SQLException {
    bench.with("relay.page-size", 10).with("relay.read-ahead", 10);
    var relay = bench.leading();
    bench.broker().pause();
    bench.commitMany(2_000, 10);
    await()
        .atMost(PATIENCE)
        .until(() -> RelayBench.value(relay, "outbox_events_waiting{shard=\"0\"}") >= 1_990);
    assertThat(RelayBench.value(relay, "outbox_oldest_waiting_seconds{shard=\"0\"}")).isPositive();
    await()
        .atMost(PATIENCE)
        .until(
            () -> RelayBench.value(relay, "outbox_read_ahead_full_seconds_total{shard=\"0\"}") > 0);

    bench.broker().resume();
    awaitValue(relay, "outbox_events_waiting{shard=\"0\"}", 0);
    done(relay.stop());
    assertThat(relay.metrics().scrape()).doesNotContain("outbox_events_waiting");
    assertThat(RelayBench.value(relay, "outbox_shard_leading{shard=\"0\"}")).isZero();
  }

  @Test
  void countersOutliveALostConnection() throws SQLException {
    var relay = bench.leading();
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);
    bench.terminate("true");
    await()
        .atMost(PATIENCE)
        .until(() -> RelayBench.value(relay, "outbox_shard_epoch{shard=\"0\"}") > 1);
    awaitState(relay, RelayState.LEADING);
    bench.commit("a-1", 2);
    bench.awaitArrivals(2);

    await().atMost(PATIENCE).until(() -> relay.metrics().confirmed() >= 2);
  }

  private static void awaitValue(Relay relay, String series, double expected) {
    await().atMost(PATIENCE).until(() -> RelayBench.value(relay, series) == expected);
  }
}

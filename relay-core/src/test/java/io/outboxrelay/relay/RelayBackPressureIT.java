package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** If the broker confirms slowly, the relay reads slowly, and the events in memory stay bounded. */
class RelayBackPressureIT extends WithRelayBench {
  @Test
  void noMoreEventsAreReadThanMayWait() throws SQLException {
    bench.with("relay.page-size", 100).with("relay.read-ahead", 1_000).leading();
    int shards = bench.relayConfig().sharding().shards();
    bench.broker().pause();
    bench.commitMany(30_000, 10);

    await().atMost(PATIENCE).until(() -> bench.broker().waiting() >= 1_000);
    await().during(Duration.ofSeconds(1)).until(() -> bench.broker().waiting() < 1_100 * shards);

    bench.broker().resume();
    bench.awaitArrivals(30_000);
    assertThat(bench.versions()).hasSize(30_000);
  }

  @Test
  void noMoreBytesAreReadThanMayWaitWhetherTheyCompressOrNot() throws SQLException {
    RelayBench.assumeOneRelay();
    bench.database().execute("alter table outbox drop payload, add payload text");
    bench.with("relay.page-bytes", "3MiB").with("relay.read-ahead-bytes", "10MiB").leading();
    bench.broker().pause();

    commitMebibytes(60, "repeat('x', 1024 * 1024)");

    await().atMost(PATIENCE).until(() -> bench.broker().waiting() >= 10);
    await().during(Duration.ofSeconds(1)).until(() -> bench.broker().waiting() <= 10 + 3);
    bench.broker().resume();
    bench.awaitArrivals(60);
    assertThat(bench.arrived())
        .hasSize(60)
        .allSatisfy(message -> assertThat(message.text()).hasSize(1 << 20));
  }

  /**
   * The relay learns from a first page by how much the text of a jsonb value exceeds its stored
   * size.
   */
  @Test
  void noMoreBytesOfJsonAreReadThanMayWaitOnceOnePageWasSeen() throws SQLException {
    RelayBench.assumeOneRelay();
    bench.with("relay.page-bytes", "3MiB").with("relay.read-ahead-bytes", "10MiB").leading();
    commitMebibytes(1, "to_jsonb(repeat('x', 1024 * 1024))");
    bench.awaitArrivals(1);
    bench.broker().pause();

    commitMebibytes(60, "to_jsonb(repeat('x', 1024 * 1024))");

    await().atMost(PATIENCE).until(() -> bench.broker().waiting() >= 10);
    await().during(Duration.ofSeconds(1)).until(() -> bench.broker().waiting() <= 10 + 4);
    bench.broker().resume();
    bench.awaitArrivals(61);
  }

  private void commitMebibytes(int count, String payload) throws SQLException {
    bench
        .database()
        .execute(
            "insert into outbox (aggregate_type, aggregate_id, event_type, payload)"
                + " select 'order', 'o-' || n, '1', "
                + payload
                + " from generate_series(1, "
                + count
                + ") n");
  }

  @Test
  void anEventLargerThanAPageMayBeIsPublishedAlone() throws SQLException {
    bench.with("relay.page-bytes", "1KiB").with("relay.read-ahead-bytes", "1KiB").leading();

    bench.commitMany(10, 100_000);

    bench.awaitArrivals(10);
    assertThat(bench.versions()).hasSize(10);
  }
}

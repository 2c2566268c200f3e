package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The relay deletes what is confirmed and expired, and nothing else. */
class RetentionCleanupIT extends WithRelayBench {
  @BeforeEach
  void configure() {
    bench.with("outbox.retention", "0s").with("outbox.clean-up-interval", "50ms");
  }

  @Test
  void deletesWhatIsConfirmed() throws SQLException {
    bench.leading();

    bench.commitMany(9_000, 10);

    bench.awaitArrivals(9_000);
    awaitEvents(0);
  }

  @Test
  void deletesWhatAnEarlierRelayConfirmed() throws SQLException {
    bench.with("outbox.retention", "1h").leading();
    bench.commit("a-1", 1, 2, 3);
    bench.awaitArrivals(3);
    bench.stopAll();

    bench.with("outbox.retention", "0s").leading();

    awaitEvents(0);
    assertThat(bench.arrived()).hasSize(3);
  }

  @Test
  void keepsWhatIsNotConfirmed() throws SQLException {
    bench.leading();
    bench.broker().pause();

    bench.commitMany(100, 10);

    await().during(Duration.ofSeconds(1)).atMost(PATIENCE).until(() -> events() == 100);
    bench.broker().resume();
    awaitEvents(0);
    assertThat(bench.firstVersions()).hasSize(100);
  }

  @Test
  void keepsWhatIsYoungerThanTheRetention() throws SQLException {
    bench.with("outbox.retention", "1h").leading();
    bench
        .database()
        .execute(
            "insert into outbox (aggregate_type, aggregate_id, event_type, created_at)"
                + " select 'order', 'a-1', n, now() - case when n <= 5 then interval '2h' else '0' end"
                + " from generate_series(1, 10) n");

    bench.awaitArrivals(10);

    awaitEvents(5);
    await().during(Duration.ofMillis(500)).atMost(PATIENCE).until(() -> events() == 5);
    assertThat(bench.query("select min(event_type::int) from outbox")).isEqualTo("6");
  }

  @Test
  void losesNothingOfALongTransaction() throws Exception {
    bench.leading();
    try (var writer = bench.database().connect();
        var statement = writer.createStatement()) {
      statement.execute("begin; " + RelayBench.insert("long", 1));
      for (int version = 1; version <= 20; version++) {
        bench.commit("short", version);
        bench.awaitArrivals(version);
      }
      statement.execute(RelayBench.insert("long", 2));

      statement.execute("commit");
    }

    bench.awaitArrivals(22);
    awaitEvents(0);
    assertThat(bench.versions().get("long")).containsExactly(1, 2);
  }

  @Test
  void losesNothingUnderHostileWriters() throws Exception {
    bench.leading();
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(4))) {
      writers.start(8, 2, 47);
      var committed = writers.finish();

      bench.awaitAll(committed);
      assertThat(bench.versions()).isEqualTo(HostileWriters.upTo(committed));
      awaitEvents(0);
    }
  }

  @Test
  void keepsDeadLetters() throws SQLException {
    bench.broker().refuse(message -> true);
    bench.leading();

    bench.commit("a-1", 1, 2);

    awaitEvents(0);
    assertThat(bench.query("select count(*) from outbox_dead_letter")).isEqualTo("2");
  }

  private void awaitEvents(int count) {
    await().atMost(PATIENCE).until(() -> events() == count);
  }

  private int events() throws SQLException {
    return Integer.parseInt(bench.query("select count(*) from outbox"));
  }
}

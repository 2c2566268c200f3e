package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/**
 * A commit wakes a relay in every state of its sleep; the intervals are so long that it does not
 * look by itself in time.
 */
class RelayWakeupIT extends WithRelayBench {
  /** The second key of the doorbell's lock of shard 0 is 0. */
  private static final String DOORBELL_LOCKS =
      """
      select count(*) from pg_locks
      where locktype = 'advisory' and objsubid = 2 and objid = 0 and mode = 'ExclusiveLock'
        and database = (select oid from pg_database where datname = current_database())
      """;

  private static final String LAST_STATEMENTS =
      """
      select string_agg(query_start::text, ' ' order by pid) from pg_stat_activity
      where datname = current_database() and application_name like 'outbox-relay%'
      """;

  @Test
  void everySingleCommitWakesIt() throws SQLException {
    bench.with("relay.poll-interval", "1h").leading();
    var random = new Random(31);
    for (int version = 1; version <= 60; version++) {
      // The relay is then asleep, falling asleep, or awake.
      LockSupport.parkNanos(random.nextInt(random.nextBoolean() ? 30_000_000 : 200_000_000));
      bench.commit("a-1", version);
      bench.awaitArrivals(version);
    }
  }

  @Test
  void aWriterThatSawItAwakeIsNotForgotten() throws Exception {
    RelayBench.assumeTable();
    RelayBench.assumeOneRelay();
    // With this target, one commit counts as a high rate, so the relay looks by itself for a while.
    bench.with("relay.poll-interval", "1h").with("relay.latency-target", "2s").leading();
    try (var writer = bench.database().connect();
        var statement = writer.createStatement()) {
      for (int version = 1; version <= 3; version++) {
        bench.commit("a-1", version);
        bench.awaitArrivals(2 * version - 1);
        awaitAwake(true);
        // Finds the lock of the doorbell held, so the transaction does not ring.
        statement.execute("begin; " + RelayBench.insert("a-2", version));
        awaitAwake(false);
        awaitLooks();

        statement.execute("commit");

        bench.awaitArrivals(2 * version);
      }
    }
  }

  /** While a relay is awake, it holds the lock of its shard's doorbell. */
  private void awaitAwake(boolean awake) {
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> bench.query(DOORBELL_LOCKS).equals(awake ? "1" : "0"));
  }

  /** Waits until the relay has looked several times for the end of an open transaction. */
  private void awaitLooks() {
    var seen = new HashSet<String>();
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> seen.add(bench.query(LAST_STATEMENTS)) && seen.size() > 3);
  }

  @Test
  void pollsWhileNothingCanBeHeard() throws SQLException {
    RelayBench.assumeOneRelay();
    var role = Role.create(bench);
    role.limit(2);
    bench.with("relay.self-test-interval", "1s").leading();

    bench.commit("a-1", 1, 2);
    bench.awaitArrivals(2);
    role.limit(10);

    await().atMost(PATIENCE).until(() -> bench.connections() == 3);
    bench.commit("a-1", 3);
    bench.awaitArrivals(3);
  }

  @Test
  void pollsWhereItIsToldTo() throws SQLException {
    RelayBench.assumeOneRelay();
    bench.with("relay.wakeup", "poll").with("relay.poll-interval", "20ms").leading();

    for (int version = 1; version <= 5; version++) {
      bench.commit("a-1", version);
      bench.awaitArrivals(version);
    }
    assertThat(bench.connections()).as("nobody listens").isEqualTo(2);
  }

  /**
   * A transaction that rings cannot be prepared, so applications that prepare transactions use
   * polling without the trigger.
   */
  @Test
  void pollingNeedsNoTriggerAndReadsPreparedTransactions() throws Exception {
    bench.database().execute("drop trigger outbox_ring on outbox");
    bench.with("relay.wakeup", "poll").with("relay.page-size", 7).leading();
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(5))) {
      writers.start(10, 1, 37);
      var committed = writers.finish();

      bench.awaitAll(committed);
      assertThat(bench.versions()).isEqualTo(HostileWriters.upTo(committed));
    }
  }
}

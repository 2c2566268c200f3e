package io.outboxrelay.relay;

import static io.outboxrelay.relay.RelayBench.awaitState;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.leadership.RelayState;
import io.vertx.core.Future;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A relay stops in good order, whenever it is told to. */
class RelayStopIT extends WithRelayBench {
  private static final String LOOKS_FOR_DEAD_LETTERS =
      "select count(*) > 0 from pg_locks join pg_stat_activity using (pid)"
          + " where relation = 'outbox_dead_letter'::regclass and not granted"
          + " and application_name = 'outbox-relay'";

  @Test
  void waitsForWhatIsInFlight() throws SQLException {
    var relay = bench.leading();
    bench.broker().pause();
    bench.commitMany(500, 10);
    awaitInFlight();
    var stopping = relay.stop();
    await().during(Duration.ofMillis(500)).until(() -> !stopping.isComplete());

    bench.broker().resume();
    done(stopping);
    int confirmed = bench.arrived().size();
    bench.leading();

    bench.awaitArrivals(500);
    assertThat(confirmed).isPositive();
    assertThat(bench.versions()).hasSize(500).allSatisfy((id, all) -> assertThat(all).hasSize(1));
  }

  private void awaitInFlight() {
    await().atMost(PATIENCE).until(() -> bench.broker().waiting() > 0);
  }

  @Test
  void givesUpOnABrokerThatNeverAnswers() throws SQLException {
    var relay = bench.with("relay.stop-timeout", "500ms").leading();
    bench.broker().pause();
    bench.commitMany(50, 10);
    awaitInFlight();

    done(relay.stop());

    assertThat(relay.state()).isEqualTo(RelayState.STOPPED);
    bench.broker().resume();
    bench.leading();
    await().atMost(PATIENCE).until(() -> bench.firstVersions().size() == 50);
  }

  @Test
  void doesNotWaitForTheEndOfAnOutage() throws SQLException {
    var relay = bench.with("relay.stop-timeout", "1h").with("relay.defer-after", "300ms").leading();
    var failures = new AtomicInteger();
    bench
        .broker()
        .fail(
            message -> {
              failures.incrementAndGet();
              return true;
            });
    bench.commitMany(50, 10);
    await().atMost(PATIENCE).until(() -> failures.get() > 0);

    done(relay.stop());

    assertThat(relay.state()).isEqualTo(RelayState.STOPPED);
    bench.broker().fail(message -> false);
    bench.leading();
    await().atMost(PATIENCE).until(() -> bench.firstVersions().size() == 50);
  }

  /**
   * Another relay can acquire the lease at once and begins at the checkpoint, so waiting is of no
   * use.
   */
  @Test
  void aDrainEndsAtOnceWhenTheLeaseIsLost() throws SQLException {
    RelayBench.assumeOneRelay();
    var leader = bench.withBroker("ordering", "one-at-a-time").leading();
    var successor = bench.started();
    bench.broker().pause();
    bench.commit("a-1", IntStream.rangeClosed(1, 100).toArray());
    awaitInFlight();
    var stopping = leader.stop();

    int ended =
        bench.terminate(
            "pid in (select pid from pg_locks where locktype = 'advisory' and objid = 1 and granted"
                + " and database = (select oid from pg_database where datname = current_database()))");
    awaitState(successor, RelayState.LEADING);
    bench.broker().resume();

    assertThat(ended).isEqualTo(1);
    var all = Map.of("a-1", IntStream.rangeClosed(1, 100).boxed().toList());
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(bench.firstVersions()).isEqualTo(all));
    done(stopping);
    assertThat(bench.arrived().size() - 100).as("repeats of what was in flight").isBetween(0, 1);
  }

  @Test
  void aDrainNotesHowFarItHasComeBeforeItIsOver() throws SQLException {
    RelayBench.assumeOneRelay();
    var relay = bench.with("relay.page-size", 1).with("relay.defer-after", "1h").leading();
    var blocked = new AtomicBoolean(true);
    bench.broker().fail(message -> blocked.get() && "o-10".equals(message.key()));
    bench.broker().pause();
    bench.commitMany(10, 10);
    await().atMost(PATIENCE).until(() -> bench.broker().waiting() == 10);
    var stopping = relay.stop();

    bench.broker().resume();

    String confirmed = "select coalesce(position, partial_last) from outbox_checkpoint";
    await().atMost(PATIENCE).until(() -> bench.query(confirmed).equals("9"));
    assertThat(stopping.isComplete()).isFalse();
    blocked.set(false);
    done(stopping);
    assertThat(bench.arrived()).hasSize(10);
  }

  @Test
  void doesNotWaitForALookThatTheDatabaseLeavesUnanswered() throws SQLException {
    var relay = bench.with("relay.stop-timeout", "1h").leading();
    try (var operator = bench.database().connect()) {
      operator.setAutoCommit(false);
      operator.createStatement().execute("lock table outbox_dead_letter");
      var channel = bench.relayConfig().outbox().names().channel();
      bench.database().execute("notify " + channel + ", 'dead-letters'");
      await().atMost(PATIENCE).until(() -> bench.query(LOOKS_FOR_DEAD_LETTERS).equals("t"));

      done(relay.stop());
    }
    assertThat(relay.state()).isEqualTo(RelayState.STOPPED);
  }

  @Test
  void aSecondStopChangesNothing() throws SQLException {
    var relay = bench.leading();

    var one = relay.stop();
    var other = relay.stop();

    done(Future.all(one, other));
    done(relay.stop());
    done(relay.ended());
    assertThat(relay.state()).isEqualTo(RelayState.STOPPED);
  }

  @Test
  void startsAndStopsAtAnyMomentWithoutLeavingAnythingBehind() throws SQLException {
    var random = new Random(29);
    for (int round = 0; round < 10; round++) {
      var relays = new ArrayList<Relay>();
      for (int i = 0; i < 20; i++) {
        var relay = bench.relay();
        relays.add(relay);
        relay.start().onComplete(started -> {});
        if (random.nextBoolean()) {
          LockSupport.parkNanos(random.nextInt(30_000_000));
        }
        if (random.nextInt(3) > 0) {
          relays.remove(random.nextInt(relays.size())).stop();
        }
      }
      bench.commit("a-1", round + 1);
      done(Future.join(relays.stream().map(Relay::stop).toList()));
    }

    bench.stopAll();
    await().atMost(PATIENCE).until(() -> bench.connections() == 0);
    assertThat(bench.vertx().deploymentIDs()).isEmpty();
    awaitState(bench.started(), RelayState.LEADING);
    bench.commit("a-1", 11);
    bench.awaitArrivals(11);
    assertThat(bench.versions())
        .isEqualTo(Map.of("a-1", List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)));
  }
}

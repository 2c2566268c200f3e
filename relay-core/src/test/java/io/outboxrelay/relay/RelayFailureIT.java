package io.outboxrelay.relay;

import static io.outboxrelay.relay.RelayBench.awaitState;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.leadership.RelayState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Relays, connections and brokers fail at random times: no event is lost, and none is overtaken.
 */
class RelayFailureIT {
  @ParameterizedTest
  @ValueSource(strings = {"pipelined", "one-at-a-time"})
  void connectionsOfTheRelayAreKilled(String ordering) throws Exception {
    try (var bench = RelayBench.create();
        var writers = new HostileWriters(bench.database(), Duration.ofSeconds(6))) {
      bench.withBroker("ordering", ordering).with("relay.page-size", 7).leading();
      writers.start(8, 1, 11);
      for (int kill = 0; writers.isRunning(); kill++) {
        int before = bench.arrived().size();
        bench.terminate(
            "pid = (select pid from pg_stat_activity where application_name = 'outbox-relay' and"
                + " datname = current_database() order by backend_start offset "
                + kill % 3
                + " limit 1)");
        bench.awaitArrivals(before + 6, writers);
      }

      bench.awaitAll(writers.finish());
    }
  }

  @Test
  void theRelayItselfIsKilled() throws Exception {
    try (var bench = RelayBench.create();
        var writers = new HostileWriters(bench.database(), Duration.ofSeconds(6))) {
      bench.with("relay.page-size", 7);
      writers.start(8, 1, 13);
      var random = new Random(13);
      while (writers.isRunning()) {
        var role = Role.create(bench);
        var gate = new BrokerGate(bench.brokerConfig());
        var relay = bench.relay(gate);
        done(relay.start());
        int enough = bench.arrived().size() + random.nextInt(60);
        bench.awaitArrivals(enough + 1, writers);
        gate.shut();
        role.banish();
      }
      Role.create(bench);
      bench.leading();

      bench.awaitAll(writers.finish());
    }
  }

  /** Only what was confirmed since the last checkpoint, or was in flight, repeats. */
  @Test
  void eventsThatACheckpointCoversDoNotRepeat() throws Exception {
    try (var bench = RelayBench.create()) {
      bench.leading();
      bench.commitMany(500, 10);
      bench.awaitArrivals(500);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  bench
                      .query("select coalesce(position, top) >= 500 from outbox_checkpoint")
                      .equals("t"));
      int epoch = Integer.parseInt(bench.query("select epoch from outbox_checkpoint"));

      bench.terminate("true");
      await()
          .atMost(PATIENCE)
          .until(
              () -> Integer.parseInt(bench.query("select epoch from outbox_checkpoint")) > epoch);
      bench.commitMany(1, 10);
      bench.awaitArrivals(501);

      assertThat(bench.arrived()).hasSize(501);
    }
  }

  @Test
  void theBrokerIsDownAtTheStart() throws Exception {
    try (var bench = RelayBench.create()) {
      bench.commit("a-1", 1);
      bench.broker().kill();
      var starting = bench.relay().start();
      await().during(Duration.ofSeconds(1)).until(() -> !starting.isComplete());

      bench.broker().restart();

      done(starting);
      bench.awaitArrivals(1);
    }
  }

  @Test
  void theDatabaseIsLostWhileTheBrokerIsDown() throws Exception {
    try (var bench = RelayBench.create()) {
      bench.broker().kill();
      var relay = bench.relay();
      var starting = relay.start();
      var committed = new ArrayList<Integer>();
      for (int version = 1; version <= 5; version++) {
        await().atMost(PATIENCE).until(() -> bench.connections() >= 2);
        bench.commit("a-1", version);
        committed.add(version);
        bench.terminate("true");
      }

      bench.broker().restart();

      done(starting);
      bench.awaitArrivals(5);
      assertThat(bench.versions()).containsEntry("a-1", committed);
      awaitState(relay, RelayState.LEADING);
    }
  }

  @Test
  void theBrokerGoesAwayAndComesBack() throws Exception {
    try (var bench = RelayBench.create();
        var writers = new HostileWriters(bench.database(), Duration.ofSeconds(5))) {
      bench.leading();
      writers.start(8, 1, 19);
      while (writers.isRunning()) {
        int before = bench.arrived().size();
        bench.broker().restart();
        bench.awaitArrivals(before + 21, writers);
      }

      bench.awaitAll(writers.finish());
    }
  }
}

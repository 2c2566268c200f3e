package io.outboxrelay.relay;

import static io.outboxrelay.relay.RelayBench.awaitState;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.testkit.PostgresServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The database server is killed, stopped and frozen; a server of this class's own. */
class RelayOutageIT {
  private static PostgresServer server;

  @BeforeAll
  static void start() {
    server = PostgresServer.start();
    assumeTrue(server.controllable(), server.origin());
  }

  @AfterAll
  static void close() {
    server.close();
  }

  @Test
  void theServerIsKilledAndRestarted() throws Exception {
    try (var bench = RelayBench.on(server);
        var writers = new HostileWriters(bench.database(), Duration.ofSeconds(12)).surviving()) {
      var relay = bench.with("relay.page-size", 7).leading();
      writers.start(6, 1, 17);
      for (int kill = 0; kill < 3; kill++) {
        bench.awaitArrivals(bench.arrived().size() + 20, writers);
        server.kill();
        server.restart();
      }
      var committed = writers.finish();

      bench.awaitAll(committed);
      awaitState(relay, RelayState.LEADING);
    }
  }

  @Test
  void theServerHangsForAWhile() throws Exception {
    try (var bench = RelayBench.on(server)) {
      var relay = bench.with("relay.answer-timeout", "300ms").leading();
      bench.commit("a-1", 1);
      bench.awaitArrivals(1);

      server.pause();
      awaitState(relay, RelayState.STANDBY);
      server.resume();
      bench.commit("a-1", 2);

      bench.awaitArrivals(2);
      awaitState(relay, RelayState.LEADING);
    }
  }

  @Test
  void aRelayStopsThoughTheDatabaseIsAway() throws Exception {
    try (var bench = RelayBench.on(server)) {
      var gone = bench.leading();
      server.kill();
      done(gone.stop());
      assertThat(gone.state()).isEqualTo(RelayState.STOPPED);

      server.restart();
      var silent = bench.leading();
      bench.commit("a-1", 1);
      bench.awaitArrivals(1);
      server.pause();
      done(silent.stop());
      server.resume();
      assertThat(silent.state()).isEqualTo(RelayState.STOPPED);
    }
  }

  @Test
  void theDatabaseIsDownAtTheStart() throws Exception {
    try (var bench = RelayBench.on(server)) {
      bench.commit("a-1", 1);
      server.stop();
      var relay = bench.relay();
      var starting = relay.start();
      await().during(Duration.ofSeconds(1)).until(() -> !starting.isComplete());

      server.restart();

      done(starting);
      bench.awaitArrivals(1);
    }
  }
}

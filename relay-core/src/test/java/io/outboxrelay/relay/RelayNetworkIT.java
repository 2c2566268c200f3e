package io.outboxrelay.relay;

import static io.outboxrelay.relay.RelayBench.awaitState;
import static io.outboxrelay.testkit.TestTimeout.done;

import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.testkit.FaultProxy;
import io.outboxrelay.testkit.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The network between relay and database fails in different ways. */
class RelayNetworkIT {
  private final PostgresServer server = PostgresServer.shared();
  private final FaultProxy proxy = FaultProxy.to(server.host(), server.port());
  private RelayBench bench;

  @BeforeEach
  void create() throws SQLException {
    bench = RelayBench.create();
    String direct = ":" + server.port() + "/";
    bench.with("database.uri", bench.database().uri().replace(direct, ":" + proxy.port() + "/"));
    bench.with("relay.page-size", 7);
  }

  @AfterEach
  void close() {
    proxy.heal();
    bench.close();
    proxy.close();
  }

  @Test
  void connectionsAreCut() throws Exception {
    bench.leading();
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(5))) {
      writers.start(8, 1, 41);
      while (writers.isRunning()) {
        int before = bench.arrived().size();
        proxy.cut();
        bench.awaitArrivals(before + 6, writers);
      }

      bench.awaitAll(writers.finish());
    }
  }

  @Test
  void theNetworkSwallowsEverythingForAWhile() throws Exception {
    for (var direction : FaultProxy.Direction.values()) {
      var relay = bench.with("relay.answer-timeout", "500ms").leading();
      int before = bench.arrived().size();

      proxy.blackHole(direction);
      bench.database().execute(RelayBench.insert("b-" + direction, 1));
      awaitState(relay, RelayState.STANDBY);
      proxy.heal();

      bench.awaitArrivals(before + 1);
      awaitState(relay, RelayState.LEADING);
      done(relay.stop());
    }
  }

  @Test
  void theNetworkIsSlow() throws Exception {
    proxy.latency(Duration.ofMillis(20));
    bench.leading();
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(4))) {
      writers.start(4, 1, 43);

      bench.awaitAll(writers.finish());
    }
  }
}

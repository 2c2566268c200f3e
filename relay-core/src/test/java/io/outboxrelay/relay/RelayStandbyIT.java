package io.outboxrelay.relay;

import static io.outboxrelay.relay.RelayBench.awaitState;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.membership.ConfigMismatchCheck;
import io.outboxrelay.testkit.FaultProxy;
import io.vertx.pgclient.PgConnection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One of several relays leads; the others are ready to take over. */
class RelayStandbyIT extends WithRelayBench {
  @Test
  void aSecondRelayTakesOverWhenTheFirstIsStopped() throws SQLException {
    var first = bench.leading();
    var second = bench.started();
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);
    assertThat(second.state()).isEqualTo(RelayState.STANDBY);

    done(first.stop());
    awaitState(second, RelayState.LEADING);
    bench.commit("a-1", 2);

    bench.awaitArrivals(2);
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(1, 2)));
  }

  @Test
  void aSecondRelayTakesOverWhenTheFirstLosesItsConnections() throws SQLException {
    var server = bench.database().server();
    try (var proxy = FaultProxy.to(server.host(), server.port())) {
      var direct = bench.database().uri();
      bench.with(
          "database.uri", direct.replace(":" + server.port() + "/", ":" + proxy.port() + "/"));
      var first = bench.leading();
      bench.with("database.uri", direct);
      var second = bench.started();
      bench.commit("a-1", 1);
      bench.awaitArrivals(1);

      proxy.refuse();
      proxy.cut();

      awaitState(second, RelayState.LEADING);
      assertThat(first.state()).isNotEqualTo(RelayState.LEADING);
      bench.commit("a-1", 2);
      bench.awaitArrivals(2);

      proxy.heal();
      done(second.stop());
      awaitState(first, RelayState.LEADING);
      bench.commit("a-1", 3);
      bench.awaitArrivals(3);
      assertThat(bench.firstVersions()).isEqualTo(Map.of("a-1", List.of(1, 2, 3)));
    }
  }

  @Test
  void aStandbyMakesReadyForWhatItsLeaderPublishes() throws SQLException {
    bench.leading();
    for (int i = 0; i < 300; i++) {
      bench.commit("a-" + i, 1);
    }
    bench.awaitArrivals(300);
    String checkpoint = "select (settled, top, floor, fence, epoch)::text from outbox_checkpoint";
    await().until(() -> bench.query("select top from outbox_checkpoint").equals("300"));
    String before = bench.query(checkpoint);

    var gate = new BrokerGate(bench.brokerConfig());
    done(bench.relay(gate).start());

    await().atMost(PATIENCE).until(() -> gate.warmedUp().contains("a-299"));
    assertThat(gate.warmedUp()).hasSize(100).doesNotContain("a-199");
    assertThat(bench.query(checkpoint)).isEqualTo(before);
    assertThat(bench.arrived()).hasSize(300);
  }

  @Test
  void aStandbyHoldsNoSnapshotThatVacuumWouldWaitFor() throws SQLException {
    bench.leading();
    bench.started();
    awaitStandby();

    await()
        .during(Duration.ofMillis(500))
        .until(
            () ->
                bench
                    .query(
                        "select count(*) from pg_stat_activity where application_name ="
                            + " 'outbox-relay' and state_change < now() - interval '1s'"
                            + " and backend_xmin is not null")
                    .equals("0"));
  }

  @Test
  void aLeaderThatDoesOtherwiseIsNoticed() throws Exception {
    bench.leading();
    bench.with("relay.on-rejected", "skip");
    var names = bench.relayConfig().outbox().names();
    var configFingerprint = bench.relayConfig().configFingerprint(bench.brokerConfig());
    var asking =
        PgConnection.connect(
                bench.vertx(), DatabaseConfig.from(bench.settings()).toConnectOptions())
            .await();

    assertThat(done(ConfigMismatchCheck.find(asking, names, configFingerprint)))
        .singleElement()
        .asString()
        .contains("which owns shard 0", "rejected: park", "rejected: skip");

    bench.with("relay.on-rejected", "park");
    assertThat(
            done(
                ConfigMismatchCheck.find(
                    asking, names, bench.relayConfig().configFingerprint(bench.brokerConfig()))))
        .isEmpty();
    done(asking.close());
    done(bench.started().stop());
  }

  @Test
  void aStandbyStopsAtOnce() throws SQLException {
    bench.leading();
    var second = bench.started();
    awaitStandby();

    long before = System.nanoTime();
    done(second.stop());

    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    assertThat(second.state()).isEqualTo(RelayState.STOPPED);
    await().atMost(PATIENCE).until(() -> bench.connections() == 3);
  }

  /** Waits until the second relay has its two connections, beside the three of the first. */
  private void awaitStandby() {
    await().atMost(PATIENCE).until(() -> bench.connections() == 5);
  }

  @Test
  void leadershipChangesHandsUnderLoadAndOrderIsKept() throws Exception {
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(6))) {
      var relays = new ArrayList<>(List.of(bench.started(), bench.started()));
      writers.start(8, 1, 23);
      while (writers.isRunning()) {
        bench.awaitArrivals(bench.arrived().size() + 5, writers);
        var leader =
            await()
                .atMost(PATIENCE)
                .until(
                    () ->
                        relays.stream()
                            .filter(relay -> relay.state() == RelayState.LEADING)
                            .findAny(),
                    java.util.Optional::isPresent)
                .orElseThrow();
        relays.add(bench.started());
        done(leader.stop());
        relays.remove(leader);
      }

      var committed = writers.finish();
      bench.awaitAll(committed);
      assertThat(bench.versions())
          .as("clean stops repeat nothing")
          .isEqualTo(HostileWriters.upTo(committed));
    }
  }
}

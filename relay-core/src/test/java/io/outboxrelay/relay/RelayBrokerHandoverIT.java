package io.outboxrelay.relay;

import static io.outboxrelay.relay.RelayBench.awaitState;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.publish.CutOffBroker;
import io.outboxrelay.testkit.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A relay that cannot reach its broker releases its shards to one that can. */
class RelayBrokerHandoverIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<CutOffBroker> ways = new ArrayList<>();
  private final List<Relay> relays = new ArrayList<>();
  private RelayBench bench;

  @AfterEach
  void close() {
    bench.close();
  }

  @BeforeEach
  void create() {
    bench = RelayBench.withoutOutbox(PostgresServer.shared());
    bench.with("relay.yield-after", "500ms").with("relay.partitions", 1);
  }

  @Test
  void aStandbyLeadsIfOnlyItReachesTheBroker() throws SQLException {
    var first = startWithOneShard();
    var second = start();

    ways.get(0).cutOff();
    bench.commit("a", 1);

    bench.awaitArrivals(1);
    awaitState(second, RelayState.LEADING);
    awaitState(first, RelayState.STANDBY);
    assertThat(epoch()).isEqualTo(2);

    ways.get(0).heal();
    ways.get(1).cutOff();
    bench.commit("a", 2);

    bench.awaitArrivals(2);
    awaitState(first, RelayState.LEADING);
    assertThat(bench.arrived()).hasSize(2);
    assertThat(epoch()).isEqualTo(3);
  }

  @Test
  void aRelayThatHasNeverReachedTheBrokerGivesWay() throws SQLException {
    startWithOneShard();
    done(relays.get(0).stop());
    relays.clear();
    ways.clear();
    var cut = relay();
    ways.get(0).cutOff();
    cut.start();
    await().atMost(PATIENCE).until(() -> !cut.ownedShards().isEmpty());

    var second = start();
    bench.commit("a", 1);

    bench.awaitArrivals(1);
    awaitState(second, RelayState.LEADING);
  }

  @Test
  void nothingChangesHandsIfNoRelayReachesTheBroker() throws SQLException {
    var first = startWithOneShard();
    start();

    ways.forEach(CutOffBroker::cutOff);
    bench.commit("a", 1);
    await("the call").atMost(PATIENCE).until(() -> bench.query(CALLS).equals("1"));
    ways.forEach(CutOffBroker::heal);

    bench.awaitArrivals(1);
    await("the end of the call").atMost(PATIENCE).until(() -> bench.query(CALLS).equals("0"));
    assertThat(first.state()).isEqualTo(RelayState.LEADING);
    assertThat(epoch()).isOne();
  }

  /** Another relay would have the same problem, and the shard would move to and fro. */
  @Test
  void aRelayThatCanConnectKeepsItsShardThoughNothingIsConfirmed() throws SQLException {
    var first = startWithOneShard();
    start();

    ways.get(0).confirmNothing();
    bench.commit("a", 1);
    await("an outage").atMost(PATIENCE).until(() -> first.health().broker(0).isPresent());
    var outage = first.health().broker(0).orElseThrow();
    await("several looks")
        .atMost(PATIENCE)
        .until(() -> System.nanoTime() - outage.sinceNanos() > Duration.ofSeconds(3).toNanos());
    assertThat(first.state()).isEqualTo(RelayState.LEADING);

    ways.get(0).heal();
    bench.awaitArrivals(1);
    assertThat(epoch()).isOne();
  }

  @Test
  void severalShardsGoToTheRelaysThatReachTheBrokerAndComeBack() throws SQLException {
    bench.with("relay.shards", 6);
    bench.init();
    start();
    start();
    start();
    awaitShards(2, 2, 2);

    ways.get(0).cutOff();
    bench.commitMany(60, 60);

    awaitShards(0, 3, 3);
    bench.awaitArrivals(60);

    ways.get(0).heal();
    awaitShards(2, 2, 2);
    bench.commitMany(60, 60);
    await().atMost(PATIENCE).until(() -> bench.arrived().size() >= 120);
  }

  private static final String CALLS =
      "select count(*) from pg_locks where locktype = 'advisory' and objid::bigint = 4294967293"
          + " and database = (select oid from pg_database where datname = current_database())";

  private Relay startWithOneShard() throws SQLException {
    bench.init();
    var relay = start();
    awaitState(relay, RelayState.LEADING);
    return relay;
  }

  private Relay relay() {
    var way = CutOffBroker.silent(bench.brokerConfig());
    ways.add(way);
    var relay = bench.relay(way);
    relays.add(relay);
    return relay;
  }

  private Relay start() {
    var relay = relay();
    done(relay.start());
    return relay;
  }

  private void awaitShards(Integer... numbers) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(relays.stream().map(relay -> relay.shards().size()))
                    .containsExactly(numbers));
  }

  private long epoch() throws SQLException {
    return Long.parseLong(bench.query("select epoch from outbox_checkpoint"));
  }
}

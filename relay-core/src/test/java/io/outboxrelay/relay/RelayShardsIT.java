package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.failure.RelayException;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.window.Resharding;
import io.vertx.pgclient.PgConnection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several relays share out the shards of one outbox. */
class RelayShardsIT {
  /**
   * Three connections for each of six shards, two for the warm standby of each, and one for each
   * relay.
   */
  private static final int CONNECTIONS_OF_THREE = 6 * 3 + 6 * 2 + 3;

  private static final int CONNECTIONS_OF_TWO = 6 * 3 + 6 * 2 + 2;

  private RelayBench bench;

  @BeforeEach
  void create() throws SQLException {
    bench = RelayBench.withoutOutbox(io.outboxrelay.testkit.PostgresServer.shared());
    bench.with("relay.shards", 6).with("relay.partitions", 1);
    bench.init();
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void oneRelayLeadsAllShards() throws SQLException {
    var relay = bench.started();
    awaitShards(relay, 6);
    bench.commitMany(100, 10);
    bench.awaitArrivals(100);
    assertThat(bench.arrived()).hasSize(100);
  }

  /**
   * The fallback interval is an hour, so only the doorbell of the right shard can wake the relay in
   * time.
   */
  @Test
  void aWriterWakesTheShardThatItWroteTo() throws SQLException {
    var relay = bench.started();
    awaitShards(relay, 6);
    for (int i = 1; i <= 20; i++) {
      bench.commit("a-" + i, 1);
      bench.awaitArrivals(i);
    }
  }

  @Test
  void relaysThatComeAndGoShareEvenlyAndMoveNoMoreThanTheyMust() throws SQLException {
    var first = bench.started();
    awaitShards(first, 6);
    var second = bench.started();
    var ofTwo = awaitShards(3, first, second);
    var third = bench.started();
    var ofThree = awaitShards(2, first, second, third);
    assertThat(ofTwo).containsAll(ofThree);

    done(third.stop());
    assertThat(awaitShards(3, first, second)).containsAll(ofThree);
    assertThat(bench.query("select sum(epoch) from outbox_checkpoint"))
        .as("terms: of all, of three that moved, of two, of two")
        .isEqualTo("13");
  }

  /**
   * Releasing the shard would take long, and all other events of the shard would wait meanwhile.
   */
  @Test
  void aShardThatADestinationHoldsUpIsKeptUntilItsEventsAreSetAside() throws SQLException {
    String good = bench.broker().newDestination();
    String bad = bench.broker().newDestination();
    bench
        .withBroker("destination", "${aggregate_type}")
        .with("relay.defer-after", "6s")
        .with("relay.stop-timeout", "1h");
    bench
        .broker()
        .fail(message -> bad.equals(message.headers().get(MessageHeaders.AGGREGATE_TYPE)));
    var first = bench.started();
    awaitShards(first, 6);
    commitOneOfEach(bad);
    await().pollDelay(Duration.ofMillis(1_500)).until(() -> bench.broker().messages(bad).isEmpty());

    var second = bench.started();
    await().during(Duration.ofSeconds(1)).atMost(PATIENCE).until(() -> first.shards().size() == 6);
    commitOneOfEach(good);

    await().atMost(PATIENCE).until(() -> bench.broker().messages(good).size() == 60);
    awaitShards(3, first, second);
  }

  private void commitOneOfEach(String type) throws SQLException {
    bench
        .database()
        .execute(
            "insert into outbox (aggregate_type, aggregate_id, event_type)"
                + " select '%1$s', '%1$s-' || n, '1' from generate_series(1, 60) n"
                    .formatted(type));
  }

  @Test
  void aRelayThatTakesOverHasOpenedItsConnectionsBefore() throws SQLException {
    var first = bench.started();
    var second = bench.started();
    var third = bench.started();
    awaitShards(2, first, second, third);
    awaitWarmStandbys();
    String before = bench.query("select clock_timestamp()");

    done(third.stop());

    awaitShards(3, first, second);
    assertThat(ownersConnectedAfter(before)).isEqualTo("0 of 6");
  }

  @Test
  void aRelayThatJoinsPreparesItsShardsBeforeItIsVisible() throws SQLException {
    var first = bench.started();
    var second = bench.started();
    // Awaited first, because the number of connections also passes this value while shards move.
    awaitShards(3, first, second);
    await().atMost(PATIENCE).until(() -> bench.connections() == CONNECTIONS_OF_TWO);
    var third = bench.relay();
    var started = third.start();

    String seen =
        await()
            .pollInterval(Duration.ofMillis(2))
            .atMost(PATIENCE)
            .until(this::timeOnceThreeAreThere, time -> !time.isEmpty());
    done(started);
    awaitShards(2, first, second, third);

    assertThat(ownersConnectedAfter(seen)).isEqualTo("0 of 6");
  }

  @Test
  void aWarmStandbyThatLosesItsConnectionsOpensOthers() throws SQLException {
    var relays = List.of(bench.started(), bench.started(), bench.started());
    awaitAllLed(relays);
    awaitWarmStandbys();

    String before = bench.query("select clock_timestamp()");
    bench.terminate("true");

    awaitAllLed(relays);
    awaitWarmStandbys();
    assertThat(bench.terminate("backend_start < '%s'".formatted(before))).isZero();
  }

  @Test
  void shardsChangeHandsUnderLoadAndNothingIsRepeatedOrOvertaken() throws Exception {
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(8))) {
      var relays = new ArrayList<>(List.of(bench.started(), bench.started()));
      writers.start(6, 1, 31);
      while (writers.isRunning()) {
        relays.add(bench.started());
        awaitAllLed(relays);
        done(relays.remove(0).stop());
        awaitAllLed(relays);
      }
      var committed = writers.finish();
      bench.awaitAll(committed);
      assertThat(bench.versions())
          .as("clean hand-overs repeat nothing")
          .isEqualTo(HostileWriters.upTo(committed));
    }
  }

  @Test
  void lostConnectionsUnderLoadLoseAndOvertakeNothing() throws Exception {
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(8))) {
      var relays = List.of(bench.started(), bench.started(), bench.started());
      writers.start(6, 1, 37);
      while (writers.isRunning()) {
        awaitAllLed(relays);
        bench.awaitArrivals(bench.arrived().size() + 20, writers);
        bench.terminate("pid % 3 = 0");
      }
      bench.awaitAll(writers.finish());
    }
  }

  @Test
  void theNumberOfShardsChangesUnderLoadAndNothingIsLostRepeatedOrOvertaken() throws Exception {
    bench.with("relay.shards", 0);
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(8))) {
      var relays = List.of(bench.started(), bench.started());
      writers.start(6, 1, 41);
      int[] numbers = {2, 1, 5, 3, 1, 6};
      for (int i = 0; writers.isRunning(); i++) {
        int number = numbers[i % numbers.length];
        reshard(number);
        awaitLed(relays, number);
      }
      var committed = writers.finish();
      bench.awaitAll(committed);
      assertThat(bench.versions())
          .as("a change of the number repeats nothing")
          .isEqualTo(HostileWriters.upTo(committed));
    }
  }

  /**
   * The relay has led only some of the shards, but has found the outbox in order before. So it
   * waits also if another shard needs the table.
   */
  @Test
  void aRelayThatHasWorkedWaitsForATableThatIsAwayWhicheverShardNeedsIt() throws Exception {
    var first = bench.started();
    awaitShards(first, 6);
    var second = bench.started();
    awaitShards(second, 3);
    bench.database().execute("alter table outbox rename to away");

    done(first.stop());
    await()
        .atMost(PATIENCE)
        .during(Duration.ofSeconds(2))
        .until(() -> !second.ended().isComplete());
    bench.database().execute("alter table away rename to outbox");

    awaitShards(second, 6);
  }

  @Test
  void parkedAggregatesStayParkedWhateverTheirShard() throws Exception {
    bench.with("relay.shards", 0).with("relay.on-rejected", "park");
    var relays = List.of(bench.started());
    awaitLed(relays, 6);
    try (var connection = bench.database().connect();
        var statement = connection.createStatement()) {
      statement.execute(
          "insert into outbox_dead_letter (seq, aggregate_type, aggregate_id, event_type, state,"
              + " reason, attempts) values (-1, 'order', 'a-1', '0', 'parked', 'for this test', 1)");
    }
    reshard(2);
    awaitLed(relays, 2);
    bench.commit("a-1", 1);
    bench.commit("a-2", 1);
    bench.awaitArrivals(1);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bench
                    .query("select count(*) from outbox_dead_letter where aggregate_id = 'a-1'")
                    .equals("2"));
    assertThat(bench.versions()).isEqualTo(Map.of("a-2", List.of(1)));
  }

  @Test
  void anotherNumberInTheConfigurationIsToldAtTheStart() {
    bench.with("relay.shards", 4);
    var relay = bench.relay();
    assertThatThrownBy(() -> done(relay.start()))
        .isInstanceOf(RelayException.class)
        .hasMessageContaining("relay.shards is 4, but the outbox has 6")
        .hasMessageContaining("shards 4");
  }

  @Test
  void rowsChangedByHandAreToldAtTheStart() throws SQLException {
    bench.database().execute("delete from outbox_checkpoint where shard > 2");
    var relay = bench.relay();
    assertThatThrownBy(() -> done(relay.start()))
        .isInstanceOf(RelayException.class)
        .hasMessageContaining("has 3 rows, for shards up to 2, and its column shards holds 6 to 6");
  }

  private String timeOnceThreeAreThere() throws SQLException {
    return bench.query(
        """
        select case when count(*) = 3 then clock_timestamp()::text else '' end
        from pg_locks
        where locktype = 'advisory' and objsubid = 2 and granted
          and objid::bigint % 2 = 0 and objid::bigint between 2147483648 and 4294967292
        """);
  }

  /** Returns how many of the connections that own shards were opened after {@code time}. */
  private String ownersConnectedAfter(String time) throws SQLException {
    return bench.query(
        """
        select count(*) filter (where backend_start > '%s') || ' of ' || count(*)
        from pg_locks join pg_stat_activity using (pid)
        where locktype = 'advisory' and objsubid = 2
          and objid::bigint %% 2 = 1 and objid::bigint < 12
        """
            .formatted(time));
  }

  private void awaitWarmStandbys() {
    await()
        .atMost(PATIENCE)
        // For a while, because connections may still be closed or opened.
        .during(Duration.ofSeconds(1))
        .until(() -> bench.connections() == CONNECTIONS_OF_THREE);
  }

  private void reshard(int shards) {
    var asking = PgConnection.connect(bench.vertx(), options()).await();
    try {
      var config = OutboxConfig.from(bench.settings());
      var bounds = new Resharding.Bounds(PATIENCE, 1_000_000);
      done(new Resharding(asking, config.names(), new OutboxSchema(config), bounds).run(shards));
    } finally {
      asking.close().await();
    }
  }

  private io.vertx.pgclient.PgConnectOptions options() {
    return DatabaseConfig.from(bench.settings()).toConnectOptions();
  }

  private static void awaitShards(Relay relay, int number) {
    await().atMost(PATIENCE).until(() -> relay.shards().size() == number);
  }

  /**
   * Waits until each relay leads {@code number} shards at the same moment; returns the shards of
   * the first.
   */
  private static List<Integer> awaitShards(int number, Relay... relays) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> Arrays.stream(relays).map(Relay::shards).toList(),
            all -> all.stream().allMatch(shards -> shards.size() == number))
        .get(0);
  }

  private static void awaitAllLed(List<Relay> relays) {
    awaitLed(relays, 6);
  }

  private static void awaitLed(List<Relay> relays, int number) {
    var all = IntStream.range(0, number).boxed().toList();
    await()
        .atMost(PATIENCE)
        .until(
            () -> relays.stream().flatMap(relay -> relay.shards().stream()).sorted().toList(),
            all::equals);
  }
}

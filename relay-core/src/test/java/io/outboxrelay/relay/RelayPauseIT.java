package io.outboxrelay.relay;

import static io.outboxrelay.relay.RelayBench.awaitState;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.audit.Actor;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.deadletter.OperationRefusedException;
import io.outboxrelay.leadership.RelayState;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.pause.Pause;
import io.outboxrelay.pause.PauseTable;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.window.Resharding;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Tuple;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** If an operator pauses publishing, it stops until it is resumed, and then continues in order. */
class RelayPauseIT extends WithRelayBench {
  private static final Actor ALICE = new Actor("alice", Actor.Channel.API);
  private static final Actor BOB = new Actor("bob@db-1", Actor.Channel.COMMAND);

  @Test
  void pausingEverythingKeepsTheLeaseAndWhatWaits() throws SQLException {
    var relay = bench.leading();
    bench.commit("a-1", 1);
    bench.awaitArrivals(1);

    pause(Pause.ALL);
    await().atMost(PATIENCE).until(relay::isPaused);
    bench.commit("a-1", 2);
    bench.commit("a-2", 1);

    assertThat(relay.state()).isEqualTo(RelayState.LEADING);
    assertThat(bench.arrived()).hasSize(1);
    resume(Pause.ALL);
    bench.awaitArrivals(3);
    assertThat(relay.isPaused()).isFalse();
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(1, 2), "a-2", List.of(1)));
  }

  @Test
  void aPauseOutlivesTheRelayThatObeyedIt() throws SQLException {
    var first = bench.leading();
    pause(Pause.ALL);
    await().atMost(PATIENCE).until(first::isPaused);
    var second = bench.started();
    bench.commit("a-1", 1, 2);

    assertThat(bench.terminate("true")).isPositive();
    await().atMost(PATIENCE).until(() -> first.isPaused() || second.isPaused());
    done(first.stop());
    awaitState(second, RelayState.LEADING);
    assertThat(second.isPaused()).isTrue();
    assertThat(bench.arrived()).isEmpty();

    resume(Pause.ALL);
    bench.awaitArrivals(2);
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(1, 2)));
  }

  @Test
  void deadLettersWaitWhileEverythingIsPaused() throws SQLException {
    bench.broker().refuse(message -> "a-1".equals(message.key()));
    var relay = bench.leading();
    bench.commit("a-1", 1);
    await().atMost(PATIENCE).until(() -> deadLetters("attempts = 1") == 1);
    pause(Pause.ALL);
    await().atMost(PATIENCE).until(relay::isPaused);
    bench.broker().refuse(message -> false);
    bench.database().execute("update outbox_dead_letter set redelivery = 'requested'");
    done(
        at(
            connection ->
                connection
                    .preparedQuery("select pg_notify($1, 'dead-letters')")
                    .execute(Tuple.of(names().channel()))));

    assertThat(bench.arrived()).isEmpty();
    resume(Pause.ALL);
    bench.awaitArrivals(1);
    await().atMost(PATIENCE).until(() -> deadLetters("true") == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipelined", "one-at-a-time"})
  void aPausedDestinationHoldsUpItsOwnEventsOnly(String ordering) throws SQLException {
    String open = bench.broker().newDestination();
    String shut = bench.broker().newDestination();
    bench.withBroker("destination", "${aggregate_type}").withBroker("ordering", ordering).leading();
    insert(open, shut, 1, 5);
    await().atMost(PATIENCE).until(() -> arrived(open) == 50 && arrived(shut) == 50);

    pause("*" + shut.substring(1));
    insert(open, shut, 6, 20);
    await().atMost(PATIENCE).until(() -> arrived(open) == 200);
    resume("*" + shut.substring(1));

    await().atMost(PATIENCE).until(() -> arrived(open) == 200 && arrived(shut) == 200);
    assertInOrder(open, 20);
    assertInOrder(shut, 20);
    await().atMost(PATIENCE).until(() -> deadLetters("true") == 0);
  }

  @Test
  void eventsSetAsideForAPausedDestinationAreShownAsPaused() throws SQLException {
    String open = bench.broker().newDestination();
    String shut = bench.broker().newDestination();
    pause(shut);
    bench.withBroker("destination", "${aggregate_type}").leading();
    insert(open, shut, 1, 5);

    await().atMost(PATIENCE).until(() -> deadLetters("destination = '" + shut + "'") == 50);
    await().atMost(PATIENCE).until(() -> arrived(open) == 50);
    assertThat(arrived(shut)).isZero();
    assertThat(bench.query("select reason from outbox_dead_letter order by seq limit 1"))
        .contains("paused by alice");
    assertThat(deadLetters("attempts > 0")).isZero();

    resume(shut);
    await().atMost(PATIENCE).until(() -> arrived(shut) == 50);
    assertInOrder(shut, 5);
    await().atMost(PATIENCE).until(() -> deadLetters("true") == 0);
  }

  @Test
  void ofTwoOperatorsTheSecondIsTold() throws SQLException {
    pause("orders.*");

    assertThatThrownBy(
            () -> done(at(table -> new PauseTable(table, names()).pause("orders.*", null, BOB))))
        .isInstanceOf(OperationRefusedException.class)
        .hasMessageContaining("paused by alice since");
    resume("orders.*");
    assertThatThrownBy(() -> resume("orders.*"))
        .isInstanceOf(OperationRefusedException.class)
        .hasMessageContaining("is in force; nothing was changed");
    assertThat(
            bench.query(
                "select string_agg(actor || ' ' || channel || ' ' || action || ' ' || split_part(outcome,"
                    + " ':', 1), ', ' order by id) from outbox_audit"))
        .isEqualTo(
            "alice api pause done, bob@db-1 command pause not done, alice api resume done,"
                + " alice api resume not done");
  }

  /** A paused shard reads nothing, but still notices the request to release it. */
  @Test
  void theOutboxIsDividedAnewWhileEverythingIsPaused() throws SQLException {
    bench.with("relay.shards", 0);
    pause(Pause.ALL);
    var relay = bench.leading();
    bench.commit("a-1", 1, 2);
    bench.commit("a-2", 1);

    var config = OutboxConfig.from(bench.settings());
    var bounds = new Resharding.Bounds(PATIENCE, 1_000_000);
    done(at(asking -> new Resharding(asking, names(), new OutboxSchema(config), bounds).run(3)));

    await().atMost(PATIENCE).until(() -> bench.led() == 3 && relay.isPaused());
    assertThat(bench.arrived()).isEmpty();
    resume(Pause.ALL);
    bench.awaitArrivals(3);
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(1, 2), "a-2", List.of(1)));
  }

  /** Pauses of everything and of destinations come and go, and so do connections. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void orderHoldsWhateverIsPausedAndResumedWhen(long seed) throws Exception {
    bench.started();
    bench.started();
    var random = new Random(seed);
    String destination = bench.destination();
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(6)).surviving()) {
      writers.start(4, 1, seed);
      while (writers.isRunning()) {
        String what = random.nextBoolean() ? Pause.ALL : destination;
        pause(what);
        int before = bench.arrived().size();
        if (random.nextInt(4) == 0) {
          bench.terminate("true");
        }
        await()
            .atMost(Duration.ofMillis(100 + random.nextInt(300)))
            .pollDelay(Duration.ofMillis(50))
            .until(() -> bench.arrived().size() >= before);
        resume(what);
      }
      bench.awaitAll(writers.finish());
    }
    await().atMost(PATIENCE).until(() -> deadLetters("redelivery is distinct from 'done'") == 0);
  }

  private void pause(String destination) {
    done(at(connection -> new PauseTable(connection, names()).pause(destination, "test", ALICE)));
  }

  private void resume(String destination) {
    done(at(connection -> new PauseTable(connection, names()).resume(destination, ALICE)));
  }

  private OutboxNames names() {
    return OutboxConfig.from(bench.settings()).names();
  }

  private <T> Future<T> at(Function<PgConnection, Future<T>> work) {
    return PgConnection.connect(
            bench.vertx(), DatabaseConfig.from(bench.settings()).toConnectOptions())
        .compose(connection -> work.apply(connection).eventually(connection::close));
  }

  /** Commits versions of ten aggregates for each destination. */
  private void insert(String open, String shut, int from, int to) throws SQLException {
    bench
        .database()
        .execute(
            """
            insert into outbox (aggregate_type, aggregate_id, event_type)
              select destination, destination || '-' || n, version::text
              from generate_series(%d, %d) version, generate_series(1, 10) n,
                   unnest(array['%s', '%s']) destination
              order by version.version, n
            """
                .formatted(from, to, open, shut));
  }

  private int arrived(String destination) {
    return bench.broker().messages(destination).size();
  }

  private void assertInOrder(String destination, int to) {
    var versions =
        bench.broker().messages(destination).stream()
            .collect(
                groupingBy(
                    message -> message.headers().get(MessageHeaders.AGGREGATE_ID),
                    mapping(
                        message ->
                            Integer.parseInt(message.headers().get(MessageHeaders.EVENT_TYPE)),
                        toList())));
    assertThat(versions)
        .hasSize(10)
        .allSatisfy(
            (aggregate, arrived) ->
                assertThat(arrived).isEqualTo(IntStream.rangeClosed(1, to).boxed().toList()));
  }

  private int deadLetters(String condition) throws SQLException {
    return Integer.parseInt(
        bench.query("select count(*) from outbox_dead_letter where " + condition));
  }
}

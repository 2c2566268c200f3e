package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.audit.Actor;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.format.TimestampFormat;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.replay.Replay;
import io.outboxrelay.replay.ReplayFilter;
import io.outboxrelay.replay.ReplayRefusedException;
import io.outboxrelay.replay.ReplayRequest;
import io.outboxrelay.replay.ReplayService;
import io.outboxrelay.replay.ReplayState;
import io.outboxrelay.testkit.ReceivedMessage;
import io.outboxrelay.window.Resharding;
import io.vertx.core.Future;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that the outbox still holds are sent again when an operator requests it. */
class RelayReplayIT extends WithRelayBench {
  private static final int FAST = 100_000;
  private static final Actor TESTER = new Actor("a test", Actor.Channel.COMMAND);

  private Database database;
  private String elsewhere;

  @BeforeEach
  void configure() {
    database = Database.create(bench.vertx(), DatabaseConfig.from(bench.settings()));
    elsewhere = bench.broker().newDestination();
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipelined", "one-at-a-time"})
  void allIsSentAgainInOrderAndMarked(String ordering) throws SQLException {
    bench.withBroker("ordering", ordering).leading();
    bench.commit("a-1", range(1, 700));
    bench.commit("a-2", range(1, 700));
    bench.awaitArrivals(1_400);
    awaitCheckpoint();

    var replay = ask(ReplayFilter.everything(), null, FAST);

    assertThat(replay.bounds().matched()).isEqualTo(1_400);
    awaitState(replay, ReplayState.DONE);
    assertThat(show(replay))
        .returns(1_400L, replayed -> replayed.progress().published())
        .returns(0L, replayed -> replayed.progress().rejected())
        .returns(1.0, Replay::fractionDone);
    var again = bench.arrived().stream().filter(RelayReplayIT::isReplayed).toList();
    assertThat(RelayBench.versions(again)).isEqualTo(Map.of("a-1", list(700), "a-2", list(700)));
    assertThat(again)
        .allMatch(
            message ->
                Long.toString(replay.id())
                    .equals(message.headers().get(MessageHeaders.EVENT_REPLAY)));
    assertThat(bench.arrived()).as("live ones are not marked").hasSize(2_800);
    assertThat(bench.query("select count(*) from outbox_dead_letter")).isEqualTo("0");
  }

  /** A consumer that accepts replayed messages twice must be able to rely on the mark. */
  @Test
  void anEventCannotMarkItselfAsReplayed() throws SQLException {
    bench.leading();
    bench
        .database()
        .execute(
            """
        insert into outbox (aggregate_type, aggregate_id, event_type, payload, headers)
        values ('order', 'a-1', '1', '{}', '{"event-replay": "7", "own": "kept"}')
        """);
    bench.awaitArrivals(1);
    awaitCheckpoint();
    assertThat(bench.arrived().get(0).headers())
        .containsEntry("own", "kept")
        .doesNotContainKey(MessageHeaders.EVENT_REPLAY);

    var replay = ask(ReplayFilter.everything(), null, FAST);
    awaitState(replay, ReplayState.DONE);
    assertThat(bench.arrived().get(1).headers())
        .containsEntry("own", "kept")
        .containsEntry(MessageHeaders.EVENT_REPLAY, Long.toString(replay.id()));
  }

  @Test
  void anotherDestinationGetsWhatWasAskedForAndTheUsualOneNothing() throws SQLException {
    bench.leading();
    bench.commit("a-1", 1, 2, 3);
    bench.commit("a-2", 1, 2, 3);
    bench.awaitArrivals(6);
    awaitCheckpoint();

    awaitState(ask(new ReplayFilter(null, null, "a-1", null), elsewhere, FAST), ReplayState.DONE);
    awaitState(ask(new ReplayFilter(null, null, null, "3"), elsewhere, FAST), ReplayState.DONE);

    assertThat(RelayBench.versions(bench.broker().messages(elsewhere)))
        .isEqualTo(Map.of("a-1", List.of(1, 2, 3, 3), "a-2", List.of(3)));
    assertThat(bench.arrived()).hasSize(6);
  }

  @Test
  void timesBoundItFromTheFirstOnAndBeforeTheSecond() throws Exception {
    bench.leading();
    bench.commit("a-1", 1);
    bench.commit("a-1", 2);
    bench.commit("a-1", 3);
    bench.awaitArrivals(3);
    awaitCheckpoint();

    awaitState(
        ask(new ReplayFilter(written(2), written(3), null, null), elsewhere, FAST),
        ReplayState.DONE);

    assertThat(RelayBench.versions(bench.broker().messages(elsewhere)))
        .isEqualTo(Map.of("a-1", List.of(2)));
  }

  private OffsetDateTime written(int version) throws SQLException {
    return OffsetDateTime.parse(
        bench.query(
            "select to_char(created_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.USZ')"
                + " from outbox where event_type = '"
                + version
                + "'"));
  }

  @Test
  void waitingEventsAndDeadLettersAreLeftOut() throws SQLException {
    bench.broker().refuse(message -> isType(message, 13));
    bench.broker().fail(message -> isType(message, 99));
    bench.with("relay.stop-timeout", "1s").leading();
    bench.commit("a-1", 12, 13, 14);
    await()
        .atMost(PATIENCE)
        .until(() -> bench.query("select count(*) from outbox_dead_letter").equals("2"));
    awaitCheckpoint();
    bench.commit("b-1", 99);
    await().atMost(PATIENCE).until(() -> waits());

    var preview =
        at(archive -> archive.preview(request(ReplayFilter.everything(), elsewhere, FAST)));
    var replay = ask(ReplayFilter.everything(), elsewhere, FAST);
    awaitState(replay, ReplayState.DONE);

    assertThat(preview.matched()).isEqualTo(1);
    assertThat(preview.remark())
        .contains("1 that still wait to be delivered, 2 in the dead letters");
    assertThat(show(replay))
        .returns(1L, replayed -> replayed.progress().published())
        .returns(1L, replayed -> replayed.progress().leftOut().waiting())
        .returns(2L, replayed -> replayed.progress().leftOut().deadLetters())
        .returns(preview.remark(), replayed -> replayed.order().remark());
    assertThat(RelayBench.versions(bench.broker().messages(elsewhere)))
        .isEqualTo(Map.of("a-1", List.of(12)));
  }

  /**
   * An event that an operator has discarded was never delivered, so a replay does not deliver it
   * either.
   */
  @Test
  void discardedEventsAreLeftOut() throws SQLException {
    bench.broker().refuse(message -> isType(message, 13));
    bench.leading();
    bench.commit("a-1", 12, 13);
    bench.commit("a-2", 14);
    await()
        .atMost(PATIENCE)
        .until(() -> bench.query("select count(*) from outbox_dead_letter").equals("1"));
    awaitCheckpoint();
    bench
        .database()
        .execute(
            "insert into outbox_discarded (seq, reason, discarded_by) select seq, 'r', 'alice' from"
                + " outbox_dead_letter; delete from outbox_dead_letter");
    bench.broker().refuse(message -> false);

    var replay = ask(ReplayFilter.everything(), elsewhere, FAST);
    awaitState(replay, ReplayState.DONE);

    assertThat(RelayBench.versions(bench.broker().messages(elsewhere)))
        .isEqualTo(Map.of("a-1", List.of(12), "a-2", List.of(14)));
    assertThat(show(replay)).returns(1L, replayed -> replayed.progress().leftOut().deadLetters());
  }

  private boolean waits() throws SQLException {
    return bench
        .query(
            "select count(*) from outbox, outbox_checkpoint"
                + " where shard = 0 and event_type = '99' and not pg_visible_in_snapshot(xid, settled)")
        .equals("1");
  }

  @Test
  void eventsCommittedLaterAreNoPartOfIt() throws SQLException {
    var relay = bench.leading();
    bench.commit("a-1", 1, 2);
    bench.awaitArrivals(2);
    awaitCheckpoint();
    done(relay.stop());
    var replay = ask(ReplayFilter.everything(), elsewhere, FAST);
    bench.commit("a-1", 3);

    bench.leading();

    awaitState(replay, ReplayState.DONE);
    assertThat(RelayBench.versions(bench.broker().messages(elsewhere)))
        .isEqualTo(Map.of("a-1", List.of(1, 2)));
  }

  @Test
  void aStandbyGoesOnFromWhereTheLeaderDied() throws Exception {
    var role = Role.create(bench);
    var gate = new BrokerGate(bench.brokerConfig());
    done(bench.relay(gate).start());
    bench.commit("a-1", range(1, 3_000));
    bench.awaitArrivals(3_000);
    awaitCheckpoint();
    Role.create(bench);
    bench.started();

    var replay = ask(ReplayFilter.everything(), elsewhere, 2_000);
    awaitElsewhere(600);
    gate.shut();
    role.banish();

    awaitState(replay, ReplayState.DONE);
    var messages = bench.broker().messages(elsewhere);
    assertThat(firstVersions(messages)).isEqualTo(list(3_000));
    assertThat(messages).as("it was not begun again").hasSizeLessThan(3_500);
  }

  @Test
  void aRestartInGoodOrderRepeatsNothing() throws SQLException {
    var relay = bench.leading();
    bench.commit("a-1", range(1, 2_000));
    bench.awaitArrivals(2_000);
    awaitCheckpoint();
    var replay = ask(ReplayFilter.everything(), elsewhere, 2_000);
    awaitElsewhere(300);

    done(relay.stop());
    assertThat(show(replay).state()).isEqualTo(ReplayState.RUNNING);
    assertThat(show(replay).execution().starts()).isZero();
    bench.leading();

    awaitState(replay, ReplayState.DONE);
    assertThat(RelayBench.versions(bench.broker().messages(elsewhere)))
        .isEqualTo(Map.of("a-1", list(2_000)));
    assertThat(show(replay).progress().published()).isEqualTo(2_000);
  }

  @Test
  void itGoesOnWhileTheOutboxIsDividedAnew() throws Exception {
    bench.with("relay.shards", 0).started();
    bench.commitMany(3_000, 10);
    bench.awaitArrivals(3_000);
    awaitCheckpoint();
    var replay = ask(ReplayFilter.everything(), elsewhere, 3_000);
    awaitElsewhere(300);

    for (int shards : new int[] {4, 2}) {
      reshard(shards);
    }

    awaitState(replay, ReplayState.DONE);
    assertThat(show(replay).progress().published()).isEqualTo(3_000);
    assertThat(bench.broker().messages(elsewhere)).hasSize(3_000);
  }

  private void reshard(int shards) {
    var config = OutboxConfig.from(bench.settings());
    done(
        database
            .connect()
            .compose(
                connection ->
                    new Resharding(
                            connection,
                            config.names(),
                            new OutboxSchema(config),
                            new Resharding.Bounds(PATIENCE, 100_000))
                        .run(shards)
                        .eventually(connection::close)));
  }

  @Test
  void oneThatIsCancelledEnds() throws SQLException {
    bench.leading();
    bench.commit("a-1", range(1, 1_000));
    bench.awaitArrivals(1_000);
    awaitCheckpoint();
    var replay = ask(ReplayFilter.everything(), elsewhere, 10);
    awaitElsewhere(3);

    assertThat(at(archive -> archive.cancel(replay.id(), TESTER)).state())
        .isEqualTo(ReplayState.CANCELLED);

    awaitIdle();
    assertThat(bench.broker().messages(elsewhere)).hasSizeLessThan(1_000);
    assertThat(show(replay).progress().published())
        .isEqualTo(bench.broker().messages(elsewhere).size());
    assertThatThrownBy(() -> at(archive -> archive.cancel(replay.id(), TESTER)))
        .isInstanceOf(ReplayRefusedException.class)
        .hasMessageContaining(
            "is cancelled since %s already"
                .formatted(TimestampFormat.of(requireNonNull(show(replay).execution().endedAt()))));
    assertThat(
            bench.query(
                "select string_agg(concat_ws('/', actor, action, target, outcome), '|' order by id)"
                    + " from outbox_audit"))
        .matches(
            "a test/replay/all, to \\S+/done: replay 1"
                + "\\|a test/cancel replay/1/done: replay 1"
                + "\\|a test/cancel replay/1/not done: replay 1 is cancelled since .*");
    bench.commit("a-1", 1_001);
    bench.awaitArrivals(1_001);
  }

  @Test
  void oneThatWaitsForItsBrokerCanBeCancelledToo() throws SQLException {
    bench.broker().fail(RelayReplayIT::isReplayed);
    bench.leading();
    bench.commit("a-1", 1, 2);
    bench.awaitArrivals(2);
    awaitCheckpoint();
    var replay = ask(ReplayFilter.everything(), null, FAST);
    awaitState(replay, ReplayState.RUNNING);

    at(archive -> archive.cancel(replay.id(), TESTER));

    awaitIdle();
    bench.broker().fail(message -> false);
    bench.commit("a-1", 3);
    bench.awaitArrivals(3);
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(1, 2, 3)));
  }

  @Test
  void anOutageIsWaitedOut() throws SQLException {
    bench.broker().fail(RelayReplayIT::isReplayed);
    bench.leading();
    bench.commit("a-1", range(1, 50));
    bench.awaitArrivals(50);
    awaitCheckpoint();
    var replay = ask(ReplayFilter.everything(), elsewhere, FAST);
    awaitState(replay, ReplayState.RUNNING);
    bench.commit("a-1", 51);
    bench.awaitArrivals(51);

    bench.broker().fail(message -> false);

    awaitState(replay, ReplayState.DONE);
    assertThat(RelayBench.versions(bench.broker().messages(elsewhere)))
        .isEqualTo(Map.of("a-1", list(50)));
  }

  @Test
  void eventsThatTheBrokerRefusesAreCountedAndParkNothing() throws SQLException {
    bench.broker().refuse(message -> isReplayed(message) && isType(message, 13));
    bench.leading();
    bench.commit("a-1", 12, 13, 14);
    bench.awaitArrivals(3);
    awaitCheckpoint();

    var replay = ask(ReplayFilter.everything(), elsewhere, FAST);

    awaitState(replay, ReplayState.DONE);
    assertThat(show(replay))
        .returns(2L, replayed -> replayed.progress().published())
        .returns(1L, replayed -> replayed.progress().rejected())
        .returns(
            "event 2: " + address() + " refuses it", replayed -> replayed.progress().rejection());
    assertThat(RelayBench.versions(bench.broker().messages(elsewhere)))
        .isEqualTo(Map.of("a-1", List.of(12, 14)));
    assertThat(bench.query("select count(*) from outbox_dead_letter")).isEqualTo("0");
    bench.commit("a-1", 15);
    bench.awaitArrivals(4);
  }

  private String address() {
    return String.valueOf(bench.broker().settings().get("address"));
  }

  @Test
  void oneOfWhichNothingIsTakenIsGivenUp() throws SQLException {
    bench.leading();
    bench.commitMany(2_000, 10);
    bench.awaitArrivals(2_000);
    awaitCheckpoint();

    var replay = ask(ReplayFilter.everything(), "nowhere", FAST);

    awaitState(replay, ReplayState.FAILED);
    assertThat(show(replay).progress().rejected()).isEqualTo(100);
    assertThat(show(replay).execution().reason())
        .contains("refused all", "there is no destination nowhere");
  }

  @Test
  void theMetricsTellOfTheOpenOnesAndOfWhatBecameOfThem() throws SQLException {
    RelayBench.assumeOneRelay();
    bench.broker().refuse(message -> isReplayed(message) && isType(message, 13));
    var relay = bench.leading();
    awaitMetric(relay, "outbox_replays_active 0.0");
    bench.commit("a-1", range(1, 150));
    bench.awaitArrivals(150);
    awaitCheckpoint();
    bench.broker().fail(RelayReplayIT::isReplayed);
    var first = ask(ReplayFilter.everything(), elsewhere, FAST);
    var second = ask(ReplayFilter.everything(), "nowhere", FAST);
    awaitMetric(relay, "outbox_replays_active 2.0");
    assertThat(relay.metrics().scrape())
        .contains("outbox_replay_events_confirmed_total 0.0")
        .doesNotContain("outbox_replay_stalled_seconds 0.0");

    bench.broker().fail(message -> false);

    awaitState(first, ReplayState.DONE);
    awaitState(second, ReplayState.FAILED);
    awaitMetric(relay, "outbox_replays_active 0.0");
    assertThat(relay.metrics().scrape())
        .contains(
            "outbox_replay_events_confirmed_total 149.0",
            "outbox_replay_events_rejected_total 101.0",
            "outbox_replays_ended_total{state=\"done\"} 1.0",
            "outbox_replays_ended_total{state=\"failed\"} 1.0",
            "outbox_replay_stalled_seconds 0.0");
    done(relay.stop());
    assertThat(relay.metrics().scrape())
        .contains("outbox_replay_events_confirmed_total 149.0")
        .doesNotContain("outbox_replays_active", "outbox_replay_stalled_seconds");
  }

  private static void awaitMetric(Relay relay, String line) {
    await().atMost(PATIENCE).until(() -> relay.metrics().scrape().lines().anyMatch(line::equals));
  }

  @Test
  void theCleanUpLeavesWhatIsStillToBeSent() throws SQLException {
    bench.with("outbox.retention", "1h").with("outbox.clean-up-interval", "50ms").leading();
    bench.commit("a-1", range(1, 500));
    bench.awaitArrivals(500);
    awaitCheckpoint();
    bench.stopAll();
    bench.broker().fail(RelayReplayIT::isReplayed);
    var replay = ask(new ReplayFilter(null, null, null, null), elsewhere, FAST);
    bench.with("outbox.retention", "0s").leading();
    bench.commit("a-1", 501);
    bench.awaitArrivals(501);
    await()
        .during(Duration.ofSeconds(1))
        .atMost(PATIENCE)
        .until(() -> bench.query("select count(*) >= 500 from outbox").equals("t"));

    bench.broker().fail(message -> false);

    awaitState(replay, ReplayState.DONE);
    assertThat(show(replay).progress().published()).isEqualTo(500);
    await().atMost(PATIENCE).until(() -> bench.query("select count(*) from outbox").equals("0"));
  }

  @Test
  void aRequestThatCannotBeCarriedOutIsRefusedWithTheReason() throws SQLException {
    bench.leading();
    bench.commit("a-1", 1, 2, 3);
    bench.awaitArrivals(3);
    awaitCheckpoint();
    var now = OffsetDateTime.now(ZoneOffset.UTC);

    assertRefused(
        new ReplayFilter(now, now.minusDays(1), null, null),
        null,
        1,
        "from %s is not before to %s, so"
            .formatted(TimestampFormat.of(now), TimestampFormat.of(now.minusDays(1))));
    assertRefused(
        new ReplayFilter(null, null, "a-2", null), null, 1, "no event that was delivered matches");
    assertRefused(new ReplayFilter(now.plusDays(1), null, null, null), null, 1, "no event");
    assertRefused(ReplayFilter.everything(), null, 0, "not from 1 to 100000");
    assertRefused(ReplayFilter.everything(), "${nothing}", 1, "the destination ${nothing} names");
    bench.database().execute("delete from outbox where seq = 1");
    assertRefused(
        new ReplayFilter(null, now.minusDays(1), null, null),
        null,
        1,
        "from before",
        "were removed");
    assertThat(
            at(archive ->
                    archive.preview(
                        request(new ReplayFilter(now.minusDays(1), null, null, null), null, 1)))
                .remark())
        .contains("no event from before");
    assertThat(bench.query("select count(*) from outbox_replays")).isEqualTo("0");
    bench.database().execute("delete from outbox");
    assertRefused(ReplayFilter.everything(), null, 1, "holds no event");
    assertThatThrownBy(() -> at(archive -> archive.show(7)))
        .isInstanceOf(ReplayRefusedException.class)
        .hasMessageContaining("there is no replay 7");
  }

  private void assertRefused(
      ReplayFilter replayFilter, @Nullable String destination, int rate, String... words) {
    assertThatThrownBy(() -> ask(replayFilter, destination, rate))
        .isInstanceOf(ReplayRefusedException.class)
        .hasMessageContainingAll(words);
  }

  private Replay ask(ReplayFilter replayFilter, @Nullable String destination, int rate) {
    return at(archive -> archive.ask(request(replayFilter, destination, rate), TESTER));
  }

  private static ReplayRequest request(
      ReplayFilter replayFilter, @Nullable String destination, int rate) {
    return new ReplayRequest(replayFilter, destination, rate);
  }

  private Replay show(Replay replay) {
    return at(archive -> archive.show(replay.id()));
  }

  private <T> T at(Function<ReplayService, Future<T>> work) {
    var names = bench.relayConfig().outbox().names();
    Broker broker = bench.brokerConfig();
    return done(
        database
            .connect()
            .compose(
                connection ->
                    work.apply(new ReplayService(connection, names, broker))
                        .eventually(connection::close)));
  }

  private void awaitState(Replay replay, ReplayState state) {
    await().atMost(PATIENCE).until(() -> show(replay).state() == state);
  }

  /** Waits until the checkpoint has passed all events, because a replay leaves out the others. */
  private void awaitCheckpoint() {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bench
                    .query(
                        "select count(*) from outbox where not exists (select from outbox_checkpoint"
                            + " where pg_visible_in_snapshot(xid, settled))")
                    .equals("0"));
  }

  private void awaitElsewhere(int count) {
    await().atMost(PATIENCE).until(() -> bench.broker().messages(elsewhere).size() >= count);
  }

  /** Waits until the replay's connection is closed. */
  private void awaitIdle() {
    await().atMost(PATIENCE).until(() -> bench.connections() == bench.connectionsAtRest());
  }

  private static List<Integer> firstVersions(List<ReceivedMessage> messages) {
    return messages.stream()
        .map(message -> Integer.parseInt(message.headers().get(MessageHeaders.EVENT_TYPE)))
        .distinct()
        .toList();
  }

  private static boolean isReplayed(ReceivedMessage message) {
    return message.headers().containsKey(MessageHeaders.EVENT_REPLAY);
  }

  private static boolean isType(ReceivedMessage message, int type) {
    return Integer.toString(type).equals(message.headers().get(MessageHeaders.EVENT_TYPE));
  }

  private static int[] range(int from, int to) {
    return IntStream.rangeClosed(from, to).toArray();
  }

  private static List<Integer> list(int to) {
    return IntStream.rangeClosed(1, to).boxed().toList();
  }
}

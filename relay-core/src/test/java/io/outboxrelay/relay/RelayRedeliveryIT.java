package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.MessageHeaders;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dead letters are published when an operator requests it: in order, before live events resume. */
class RelayRedeliveryIT extends WithRelayBench {
  private static final OutboxNames NAMES = new OutboxNames("public", "outbox");

  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private final Set<String> failing = ConcurrentHashMap.newKeySet();

  @BeforeEach
  void configure() {
    refused.add("13");
    bench
        .broker()
        .refuse(message -> refused.contains(message.headers().get(MessageHeaders.EVENT_TYPE)));
    bench
        .broker()
        .fail(message -> failing.contains(message.headers().get(MessageHeaders.EVENT_TYPE)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipelined", "one-at-a-time"})
  void aParkedAggregateComesBackInOrder(String ordering) throws SQLException {
    bench.withBroker("ordering", ordering).leading();
    bench.commit("a-1", 12, 13, 14);
    awaitDeadLetters("13 parked 1, 14 parked 0");
    bench.commit("a-1", 15);
    awaitDeadLetters("13 parked 1, 14 parked 0, 15 parked 0");
    refused.clear();

    retry("aggregate_id = 'a-1' and event_type = '13'");

    awaitVersions(Map.of("a-1", List.of(12, 13, 14, 15)));
    bench.commit("a-1", 16);
    awaitVersions(Map.of("a-1", List.of(12, 13, 14, 15, 16)));
    awaitDeadLetters("");
  }

  @Test
  void anEventThatIsRejectedAgainStaysWithTheEventsBehindIt() throws SQLException {
    bench.leading();
    bench.commit("a-1", 12, 13, 14, 15);
    awaitDeadLetters("13 parked 1, 14 parked 0, 15 parked 0");
    refused.clear();
    refused.add("14");

    retry("event_type = '13'");

    awaitDeadLetters("14 parked 1, 15 parked 0");
    awaitVersions(Map.of("a-1", List.of(12, 13)));
    retry("event_type = '14'");
    awaitDeadLetters("14 parked 2, 15 parked 0");
    bench.commit("a-1", 16);
    awaitDeadLetters("14 parked 2, 15 parked 0, 16 parked 0");
    assertThat(
            bench.query(
                "select tried_at > dead_lettered_at and reason like '%refuses it%' and"
                    + " destination is not null from outbox_dead_letter order by seq limit 1"))
        .isEqualTo("t");
  }

  @Test
  void anAggregateOfManyPagesComesBackWhileLiveEventsGoOn() throws Exception {
    bench.leading();
    bench.commit("a-1", IntStream.rangeClosed(13, 1_500).toArray());
    await().atMost(PATIENCE).until(() -> count() == 1_488);
    refused.clear();
    retry("event_type = '13'");

    int last = 1_500;
    while (!deadLetters().isEmpty()) {
      bench.commit("a-1", ++last);
    }
    bench.commit("a-1", ++last);

    awaitVersions(Map.of("a-1", IntStream.rangeClosed(13, last).boxed().toList()));
  }

  /** At the end every event has arrived, in order. */
  @Test
  void nothingIsLostOrOvertakenWhileRelaysDieAndEventsAreRejectedAndRetried() throws Exception {
    var random = new Random(23);
    bench.broker().refuse(message -> random.nextInt(40) == 0);
    try (var writers = new HostileWriters(bench.database(), Duration.ofSeconds(12))) {
      writers.start(6, 1, 29);
      while (writers.isRunning()) {
        var role = Role.create(bench);
        var gate = new BrokerGate(bench.brokerConfig());
        var relay = bench.relay(gate);
        done(relay.start());
        for (int i = random.nextInt(20); i >= 0 && writers.isRunning(); i--) {
          int before = bench.arrived().size();
          await()
              .atMost(PATIENCE)
              .until(
                  () ->
                      bench.arrived().size() > before + 3
                          || askForAll() > 0
                          || !writers.isRunning());
        }
        gate.shut();
        role.banish();
      }
      bench.broker().refuse(message -> false);
      Role.create(bench);
      bench.leading();
      var committed = writers.finish();
      await().atMost(PATIENCE).until(() -> askForAll() == 0 && deadLetters().isEmpty());

      bench.awaitAll(committed);
    }
  }

  @Test
  void aDeadLetterThatAnOperatorHasLockedHoldsUpNoOther() throws SQLException {
    bench.with("relay.answer-timeout", "1s").with("relay.partitions", 1).leading();
    bench.commit("a-1", 13, 14);
    bench.commit("a-2", 13);
    awaitDeadLetters("13 parked 1, 14 parked 0, 13 parked 1");
    refused.clear();

    try (var operator = bench.database().connect()) {
      operator.setAutoCommit(false);
      operator
          .createStatement()
          .execute("select from outbox_dead_letter where event_type = '14' for update");
      retry("event_type = '13'");
      bench.commit("a-1", 15);
      bench.commit("a-3", 1);

      await().atMost(PATIENCE).until(() -> bench.versions().containsKey("a-2"));
      await().atMost(PATIENCE).until(() -> bench.versions().containsKey("a-3"));
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  bench
                      .query("select count(*) from outbox_dead_letter where event_type = '15'")
                      .equals("1"));
      assertThat(bench.versions()).doesNotContainKey("a-1");
      operator.commit();
    }

    awaitVersions(Map.of("a-1", List.of(13, 14, 15), "a-2", List.of(13), "a-3", List.of(1)));
  }

  @Test
  void aDeadLetterThatIsLockedBehindAPageRepeatsNothing() throws SQLException {
    bench.leading();
    int last = 13 + 204;
    bench.commit("a-1", IntStream.rangeClosed(13, last).toArray());
    await().atMost(PATIENCE).until(() -> count() == 205);
    refused.clear();

    try (var operator = bench.database().connect()) {
      operator.setAutoCommit(false);
      operator
          .createStatement()
          .execute("select from outbox_dead_letter where event_type = '" + last + "' for update");
      retry("event_type = '13'");
      bench.awaitArrivals(200);
      await()
          .during(Duration.ofSeconds(3))
          .atMost(PATIENCE)
          .until(() -> bench.arrived().size() == 200);
      operator.commit();
    }

    awaitVersions(Map.of("a-1", IntStream.rangeClosed(13, last).boxed().toList()));
  }

  /** A relay that ends between two steps of a redelivery leaves dead letters in this state. */
  @Test
  void eventsThatWaitBehindNothingArePublishedInTheNextTerm() throws SQLException {
    bench.leading();
    bench.commit("a-1", 13, 14, 15);
    bench.commit("a-2", 13, 14);
    awaitDeadLetters("13 parked 1, 14 parked 0, 15 parked 0, 13 parked 1, 14 parked 0");
    bench.stopAll();
    bench
        .database()
        .execute("delete from outbox_dead_letter where aggregate_id = 'a-1' and event_type = '13'");

    bench.leading();
    bench.commit("a-1", 16);

    awaitVersions(Map.of("a-1", List.of(14, 15, 16)));
    awaitDeadLetters("13 parked 1, 14 parked 0");
  }

  /**
   * The claim that finds no further dead letter takes effect, but its answer arrives when the relay
   * no longer waits for it.
   */
  @Test
  void anAnswerThatComesTooLateForgetsNoAggregate() throws SQLException {
    bench.with("relay.answer-timeout", "1s").leading();
    bench.commit("a-1", 13);
    awaitDeadLetters("13 parked 1");
    refused.clear();
    bench
        .database()
        .execute(
            """
            create function slow() returns trigger language plpgsql as $$
            begin perform pg_sleep(1.5); return new; end $$;
            create trigger slow before update on outbox_dead_letter for each row
              when (old.redelivery = 'in_progress' and new.redelivery <> 'in_progress') execute function slow();
            """);
    retry("event_type = '13'");
    awaitVersions(Map.of("a-1", List.of(13)));
    awaitDeadLetters("");
    bench.database().execute("drop trigger slow on outbox_dead_letter");

    bench.commit("a-1", 14);

    awaitVersions(Map.of("a-1", List.of(13, 14)));
  }

  @Test
  void aStandbyGoesOnWithAReplay() throws Exception {
    refused.clear();
    refused.add("1");
    var role = Role.create(bench);
    var gate = new BrokerGate(bench.brokerConfig());
    var leader = bench.relay(gate);
    done(leader.start());
    bench.commit("a-1", IntStream.rangeClosed(1, 2_000).toArray());
    await().atMost(PATIENCE).until(() -> count() == 2_000);
    Role.create(bench);
    bench.started();
    refused.clear();

    retry("event_type = '1'");
    bench.awaitArrivals(250);
    gate.shut();
    role.banish();
    bench.commit("a-1", 2_001);

    var all = Map.of("a-1", IntStream.rangeClosed(1, 2_001).boxed().toList());
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(bench.firstVersions()).isEqualTo(all));
    awaitDeadLetters("");
  }

  private int askForAll() throws SQLException {
    int heads =
        Integer.parseInt(
            bench.query(
                "select count(*) from outbox_dead_letter where redelivery is null and attempts > 0"));
    ask("requested", "redelivery is null and attempts > 0");
    return heads;
  }

  @Test
  void aSkippedEventIsPublishedByItself() throws SQLException {
    bench.with("relay.on-rejected", "skip").leading();
    bench.commit("a-1", 12, 13, 14);
    awaitDeadLetters("13 skipped 1");

    retry("event_type = '13'");
    awaitDeadLetters("13 skipped 2");
    refused.clear();
    retry("event_type = '13'");

    awaitDeadLetters("");
    awaitVersions(Map.of("a-1", List.of(12, 14, 13)));
  }

  @Test
  void aRestartGoesOnWithWhatWasAskedFor() throws SQLException {
    bench.leading();
    bench.commit("a-1", 13, 14);
    bench.commit("a-2", 13, 14);
    awaitDeadLetters("13 parked 1, 14 parked 0, 13 parked 1, 14 parked 0");
    bench.stopAll();
    refused.clear();
    bench
        .database()
        .execute(
            "update outbox_dead_letter set redelivery = case aggregate_id when 'a-1' then 'requested' else"
                + " 'in_progress' end where event_type = '13'");

    bench.leading();

    awaitVersions(Map.of("a-1", List.of(13, 14), "a-2", List.of(13, 14)));
    awaitDeadLetters("");
  }

  @Test
  void aDiscardedHeadLetsTheRestFollow() throws SQLException {
    bench.leading();
    bench.commit("a-1", 12, 13, 14);
    bench.commit("a-2", 13);
    awaitDeadLetters("13 parked 1, 14 parked 0, 13 parked 1");

    ask("discarded", "event_type = '13'");

    awaitVersions(Map.of("a-1", List.of(12, 14)));
    awaitDeadLetters("");
    bench.commit("a-1", 15);
    bench.commit("a-2", 14);
    awaitVersions(Map.of("a-1", List.of(12, 14, 15), "a-2", List.of(14)));
  }

  /** The checkpoint does not advance while one event fails and is retried. */
  @Test
  void discardedAndPublishedDeadLettersDoNotReturnFromAnOlderCheckpoint() throws SQLException {
    RelayBench.assumeOneRelay();
    failing.add("99");
    var relay = bench.with("relay.stop-timeout", "1ms").leading();
    bench.commit("b-1", 99);
    bench.commit("a-1", 12, 13, 14);
    bench.commit("a-2", 13, 14);
    awaitDeadLetters("13 parked 1, 14 parked 0, 13 parked 1, 14 parked 0");
    ask("discarded", "aggregate_id = 'a-1' and event_type = '13'");
    awaitDeadLetters("13 parked 1, 14 parked 0");
    refused.clear();
    retry("event_type = '13' and aggregate_id = 'a-2'");
    awaitDeadLetters("");
    done(relay.stop());
    refused.add("13");

    bench.leading();
    bench.commit("a-1", 15);
    bench.commit("a-2", 15);

    var expected = Map.of("a-1", List.of(12, 14, 15), "a-2", List.of(13, 14, 15));
    await().atMost(PATIENCE).until(() -> bench.firstVersions().equals(expected));
    assertThat(count()).as("letters that the checkpoint has not passed").isEqualTo(4);
    failing.clear();
    await().atMost(PATIENCE).until(() -> bench.firstVersions().containsKey("b-1"));
    await()
        .atMost(PATIENCE)
        .until(
            () -> {
              ask("requested", "false");
              return count() == 0;
            });
  }

  @Test
  void aParkedAggregateIsRetriedByItselfWhereThatIsSet() throws SQLException {
    bench.with("relay.retry-after", "200ms").leading();
    bench.commit("a-1", 13, 14);
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bench
                    .query("select coalesce(max(attempts), 0) > 2 from outbox_dead_letter")
                    .equals("t"));
    refused.clear();

    awaitVersions(Map.of("a-1", List.of(13, 14)));
    awaitDeadLetters("");
  }

  /** New dead letters are written on the connection that requests automatic retries. */
  @Test
  void aLockedDeadLetterHoldsUpNoNewOneWhereRetriesAreAutomatic() throws SQLException {
    bench.with("relay.retry-after", "200ms").leading();
    bench.commit("a-1", 13);
    await().atMost(PATIENCE).until(() -> count() == 1);

    try (var operator = bench.database().connect()) {
      operator.setAutoCommit(false);
      operator.createStatement().execute("select from outbox_dead_letter for update");
      for (int i = 2; i < 12; i++) {
        bench.commit("a-" + i, 13, 1);
        int expected = i;
        await().atMost(PATIENCE).until(() -> count() >= expected);
      }
      operator.commit();
    }
  }

  @Test
  void theDestinationDecidesWhatBecomesOfARejectedEvent() throws SQLException {
    bench
        .withBroker("destination", "${aggregate_type}")
        .with("relay.on-rejected-for.audit*", "skip")
        .leading();

    bench.commit("a-1", 12, 13);
    bench
        .database()
        .execute(
            "insert into outbox (aggregate_type, aggregate_id, event_type)"
                + " values ('audit-log', 'b-1', '13'), ('audit-log', 'b-1', '14')");

    awaitDeadLetters("12 parked 1, 13 parked 0, 13 skipped 1, 14 skipped 1");
    assertThat(
            bench.query("select string_agg(destination, ' ' order by seq) from outbox_dead_letter"))
        .isEqualTo("order order audit-log audit-log");
  }

  private void retry(String condition) throws SQLException {
    ask("requested", condition);
  }

  /** Requests an action on dead letters, as the commands do. */
  private void ask(String what, String condition) throws SQLException {
    bench
        .database()
        .execute(
            "update outbox_dead_letter set redelivery = '%s' where %s;".formatted(what, condition)
                + "select pg_notify('%s', 'dead-letters')".formatted(NAMES.channel()));
  }

  private int count() throws SQLException {
    return Integer.parseInt(bench.query("select count(*) from outbox_dead_letter"));
  }

  private void awaitVersions(Map<String, List<Integer>> expected) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(bench.versions()).isEqualTo(expected));
  }

  private void awaitDeadLetters(String expected) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(deadLetters()).isEqualTo(expected));
  }

  /** Returns the dead letters with their states and numbers of attempts. */
  private String deadLetters() throws SQLException {
    return bench.query(
        "select coalesce(string_agg(concat_ws(' ', event_type, state, attempts), ', ' order by seq), '')"
            + " from outbox_dead_letter where redelivery is null");
  }
}

package io.outboxrelay.relay;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static io.outboxrelay.testkit.TestTimeout.done;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.failure.RelayException;
import io.outboxrelay.publish.MessageHeaders;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that the broker never accepts, or that cannot become a message, do not stop others. */
class RelayRejectedIT extends WithRelayBench {
  @BeforeEach
  void configure() {
    bench.broker().refuse(message -> "13".equals(message.headers().get(MessageHeaders.EVENT_TYPE)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"pipelined", "one-at-a-time"})
  void parkingHoldsBackTheAggregateAlsoAfterARestart(String ordering) throws SQLException {
    var relay = bench.withBroker("ordering", ordering).leading();
    bench.commit("a-1", 12, 13, 14);
    bench.commit("a-2", 1, 2);
    bench.awaitArrivals(3);
    awaitDeadLetters("13 parked, 14 parked");
    done(relay.stop());

    bench.leading();
    bench.commit("a-1", 15);
    bench.commit("a-2", 3);

    bench.awaitArrivals(4);
    awaitDeadLetters("13 parked, 14 parked, 15 parked");
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(12), "a-2", List.of(1, 2, 3)));
    assertThat(reasons())
        .contains("refuses it")
        .contains("waits behind an event of its aggregate that was set aside");
  }

  @Test
  void skippingLetsTheAggregatesLaterEventsFlow() throws SQLException {
    bench.with("relay.on-rejected", "skip").leading();

    bench.commit("a-1", 12, 13, 14);

    bench.awaitArrivals(2);
    awaitDeadLetters("13 skipped");
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(12, 14)));
  }

  @Test
  void haltingStopsTheRelayUntilTheBrokerAccepts() throws SQLException {
    bench.with("relay.on-rejected", "halt").leading();

    bench.commit("a-1", 12, 13, 14);

    var refusal =
        catchThrowableOfType(
            RelayException.class, () -> bench.ended().await(PATIENCE.toSeconds(), SECONDS));
    assertThat(refusal.origin()).isEqualTo(RelayException.Cause.BROKER);
    assertThat(refusal).hasMessageContaining("order a-1 was rejected, and on-rejected is halt");
    assertThat(refusal).hasMessageContaining("refuses it");
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(12)));
    assertThat(deadLetters()).isEmpty();
    bench.stopAll();

    bench.broker().refuse(message -> false);
    bench.leading();

    await()
        .atMost(PATIENCE)
        .until(() -> bench.firstVersions().equals(Map.of("a-1", List.of(12, 13, 14))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"infinity", "-infinity", "0044-03-15 BC", "10000-01-01", "294276-12-31"})
  void aTimeThatNoMessageCanHaveRejectsItsEventAlone(String time) throws SQLException {
    bench.leading();

    bench
        .database()
        .execute(
            "insert into outbox (aggregate_type, aggregate_id, event_type, created_at)"
                + " values ('order', 'a-9', '1', '"
                + time
                + "')");
    bench.commit("a-1", 12);

    bench.awaitArrivals(1);
    await().atMost(PATIENCE).until(() -> reasons().contains("outside the years 1 to 9999"));
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(12)));
  }

  @Test
  void anEventThatCannotBecomeAMessageGoesToTheDeadLetters() throws SQLException {
    bench
        .database()
        .execute(
            """
            alter table outbox drop constraint outbox_aggregate_id_not_empty,
              alter aggregate_id drop not null, alter event_type drop not null,
              alter aggregate_type drop not null, alter id drop not null;
            alter table outbox alter id drop default;
            """);
    bench.leading();

    bench
        .database()
        .execute(
            """
            insert into outbox (id, aggregate_type, aggregate_id, event_type, headers) values
              (gen_random_uuid(), 'order', null, '1', null),
              (gen_random_uuid(), 'order', '', '2', null),
              (gen_random_uuid(), 'order', 'a-3', '3', '[1, 2]'),
              (gen_random_uuid(), 'order', 'a-4', '4', '"text"'),
              (gen_random_uuid(), 'order', 'a-5', '5', '{"ok": "yes", "count": 5}'),
              (gen_random_uuid(), 'order', 'a-6', '6', '{"nothing": null}'),
              (null, 'order', 'a-7', '7', null),
              (gen_random_uuid(), null, 'a-8', '8', null),
              (gen_random_uuid(), 'order', 'a-9', null, null),
              (gen_random_uuid(), 'order', 'a-10', '10', '{"a": "b"}'),
              (gen_random_uuid(), 'order', 'a-11', '11', 'null');
            """);

    await().atMost(PATIENCE).until(() -> deadLetters().split(",").length == 9);
    bench.awaitArrivals(2);
    assertThat(bench.versions()).containsOnlyKeys("a-10", "a-11");
    assertThat(reasons())
        .contains(
            "its aggregate_id is null, and a value was expected",
            "its aggregate_id is empty, so it has no place in any order",
            "its headers column is not a JSON object of strings",
            "its header count is not a string; headers are strings only",
            "its header nothing is not a string; headers are strings only",
            "its id is null, and a value was expected",
            "its aggregate_type is null, and a value was expected",
            "its event_type is null, and a value was expected");
  }

  @Test
  void anEventWithoutAnAggregateParksNothing() throws SQLException {
    bench.database().execute("alter table outbox drop constraint outbox_aggregate_id_not_empty");
    bench.leading();

    bench.commit("", 1);
    bench.commit("", 2);
    bench.commit("a-1", 1);

    bench.awaitArrivals(1);
    awaitDeadLetters("1 skipped, 2 skipped");
  }

  @Test
  void manyRejectedEventsAtOnce() throws SQLException {
    bench.broker().refuse(message -> true);
    bench.leading();

    bench.commitMany(5_000, 10);

    await()
        .atMost(PATIENCE)
        .until(() -> bench.query("select count(*) from outbox_dead_letter").equals("5000"));
  }

  /** A row of the dead letters' index holds at most 2,704 bytes. */
  @Test
  void anAggregateIdThatNoIndexHoldsIsRejectedAlone() throws SQLException {
    bench
        .database()
        .execute(
            "alter table outbox drop constraint if exists outbox_aggregate_id_at_most_1024_bytes");
    bench.leading();

    bench
        .database()
        .execute(
            """
            insert into outbox (aggregate_type, aggregate_id, event_type)
              select 'order', string_agg(md5(n::text), ''), '13' from generate_series(1, 130) n;
            insert into outbox (aggregate_type, aggregate_id, event_type)
              select 'order', string_agg(md5(n::text), ''), '1' from generate_series(1, 130) n;
            """);
    bench.commit("a-1", 12, 13, 14);
    bench.commit("a-2", 1);

    bench.awaitArrivals(2);
    awaitDeadLetters("13 skipped, 1 skipped, 13 parked, 14 parked");
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(12), "a-2", List.of(1)));
    assertThat(reasons()).contains("its aggregate_id has 4160 bytes and may have 1024");
    assertThatOneTermWasEnough();
  }

  @Test
  void anEventThatTheTableRefusesIsSetAsideWithoutItsPayload() throws SQLException {
    bench
        .database()
        .execute(
            "alter table outbox_dead_letter add check (event_type <> '13' or payload is null)");
    bench.broker().refuse(message -> true);
    bench.leading();

    bench.commitMany(300, 10);
    bench.commit("a-1", 13, 14);
    bench.commitMany(300, 10);

    await()
        .atMost(PATIENCE)
        .until(() -> bench.query("select count(*) from outbox_dead_letter").equals("602"));
    assertThat(
            bench.query(
                "select string_agg(concat(event_type, ' ', state, ' ', payload is null), ', ' order by seq)"
                    + " from outbox_dead_letter where aggregate_id = 'a-1'"))
        .isEqualTo("13 parked t, 14 parked f");
    assertThat(reasons()).contains("because the database refused to store those");
    assertThatOneTermWasEnough();

    bench.broker().refuse(message -> false);
    bench
        .database()
        .execute(
            "update outbox_dead_letter set redelivery = 'requested' where event_type = '13';"
                + "select pg_notify('%s', 'dead-letters')"
                    .formatted(bench.relayConfig().outbox().names().channel()));

    await()
        .atMost(PATIENCE)
        .until(
            () ->
                bench
                    .query("select attempts from outbox_dead_letter where event_type = '13'")
                    .equals("2"));
    assertThat(bench.versions()).doesNotContainKey("a-1");
  }

  @Test
  void anEventThatTheTableRefusesInAnyFormHoldsUpItsAggregateOnly() throws SQLException {
    bench
        .database()
        .execute(
            """
            create function no() returns trigger language plpgsql as $$
            begin raise exception 'not in my table'; end $$;
            create trigger no before insert on outbox_dead_letter for each row
              when (new.event_type = '13') execute function no();
            """);
    bench.leading();

    bench.commit("a-1", 12, 13, 14);
    bench.commit("a-2", 1, 2);
    bench.commit("a-1", 15);
    bench.awaitArrivals(3);
    bench.commit("a-2", 3);
    bench.awaitArrivals(4);
    assertThat(deadLetters()).isEmpty();
    assertThatOneTermWasEnough();

    bench.database().execute("drop trigger no on outbox_dead_letter");

    awaitDeadLetters("13 parked, 14 parked, 15 parked");
    assertThat(bench.versions()).isEqualTo(Map.of("a-1", List.of(12), "a-2", List.of(1, 2, 3)));
  }

  /**
   * Verifies that the term has not ended: all events read meanwhile would be published again in
   * each further term.
   */
  private void assertThatOneTermWasEnough() throws SQLException {
    assertThat(bench.query("select max(epoch) from outbox_checkpoint")).isEqualTo("1");
  }

  private void awaitDeadLetters(String expected) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(deadLetters()).isEqualTo(expected));
  }

  private String deadLetters() throws SQLException {
    return bench.query(
        "select coalesce(string_agg(concat(event_type, ' ', state), ', ' order by seq), '')"
            + " from outbox_dead_letter");
  }

  private String reasons() throws SQLException {
    return bench.query("select string_agg(reason, E'\\n' order by seq) from outbox_dead_letter");
  }
}

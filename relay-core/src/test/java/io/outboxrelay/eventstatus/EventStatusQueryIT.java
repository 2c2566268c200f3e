package io.outboxrelay.eventstatus;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.account.AccountProbe;
import io.outboxrelay.audit.Actor;
import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.deadletter.DeadLetterCommands;
import io.outboxrelay.deadletter.DeadLetterFilter;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The status of an event is published only if the checkpoint proves it. */
class EventStatusQueryIT {
  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final Map<String, Object> settings = new HashMap<>(database.settings());

  /** Writes three events and a checkpoint that confirms them, and a fourth event after it. */
  @BeforeEach
  void confirmThree() throws SQLException {
    database.execute(new OutboxSchema(outbox()).script());
    insert(3);
    checkpoint(3);
    insert(1);
  }

  @AfterEach
  void close() throws TimeoutException {
    vertx.close().await(20, SECONDS);
    database.close();
  }

  private void insert(int events) throws SQLException {
    for (int i = 0; i < events; i++) {
      database.execute(
          "insert into outbox (aggregate_type, aggregate_id, event_type) values ('order', 'a',"
              + " 'x')");
    }
  }

  /** The fence is taken after the snapshot, in a transaction of its own. */
  private void checkpoint(long top) throws SQLException {
    database.execute(
        "update outbox_checkpoint set settled = pg_current_snapshot(), top = %1$d, floor = %1$d"
            .formatted(top));
    database.execute("update outbox_checkpoint set fence = pg_current_xact_id()");
    AccountProbe.adopt(database, outbox().names());
  }

  private void assertStatus(long seq, Status status, String sentence) throws TimeoutException {
    var eventStatusQuery =
        at(connection -> new EventStatusQuery(connection, outbox().names()).ofSeq(seq, 10));
    assertThat(eventStatusQuery).hasSize(1);
    assertThat(eventStatusQuery.get(0).status())
        .as(eventStatusQuery.get(0).sentence())
        .isEqualTo(status);
    assertThat(eventStatusQuery.get(0).sentence()).contains(sentence);
  }

  private <T> T at(Function<SqlConnection, Future<T>> work) throws TimeoutException {
    return Database.create(vertx, DatabaseConfig.from(Settings.of("test", settings)))
        .connect()
        .compose(connection -> work.apply(connection).eventually(connection::close))
        .await(20, SECONDS);
  }

  private OutboxConfig outbox() {
    return OutboxConfig.from(Settings.of("test", settings));
  }

  @Test
  void eventsThatTheCheckpointCoversArePublishedAndTheOthersWait() throws Exception {
    assertStatus(3, Status.PUBLISHED, "confirmed by the broker");
    assertStatus(4, Status.WAITING, "to be published in turn");

    database.execute("insert into outbox_pause (destination, paused_by) values ('*', 'alice')");
    assertStatus(4, Status.PAUSED, "everything is paused by alice");
    assertStatus(3, Status.PUBLISHED, "confirmed");
  }

  /** The cause does not matter: the account lacks exactly this event. */
  @Test
  void anEventThatTheAccountLacksIsNotCalledPublishedAndItsNeighboursAre() throws Exception {
    database.execute(
        "update outbox_account set events = events - 1, digest = digest -"
            + " (select %s from outbox event where seq = 2)".formatted(AccountProbe.hash()));

    assertStatus(
        2, Status.UNKNOWN, "it counts as published, but the account of the deliveries lacks it");
    assertStatus(1, Status.PUBLISHED, "confirmed by the broker");
    assertStatus(3, Status.PUBLISHED, "confirmed by the broker");
  }

  @Test
  void noEventOfARangeThatDiffersIsCalledPublished() throws Exception {
    database.execute("update outbox_account set events = events - 2");

    assertStatus(2, Status.UNKNOWN, "not known to be published: of the sequence numbers 0 to 4095");
  }

  @Test
  void aSavepointDoesNotMakeAnEventSuspect() throws Exception {
    database.execute(
        """
        begin;
        savepoint a;
        insert into outbox (aggregate_type, aggregate_id, event_type) values ('order', 'a', 'x');
        release a;
        commit
        """);
    checkpoint(5);

    assertStatus(5, Status.PUBLISHED, "confirmed");
  }

  @Test
  void anOpenWindowCountsUpToItsPosition() throws Exception {
    insert(1);
    database.execute(
        "update outbox_checkpoint set open_window = pg_current_snapshot(), position = 4, top = 4");
    database.execute("update outbox_checkpoint set fence = pg_current_xact_id()");
    AccountProbe.adopt(database, outbox().names());

    assertStatus(4, Status.PUBLISHED, "confirmed");
    assertStatus(5, Status.WAITING, "in turn");
  }

  @Test
  void anEventAboveTheConfirmedPositionIsNotPublished() throws Exception {
    database.execute("update outbox_checkpoint set top = 2");

    assertStatus(3, Status.UNKNOWN, "its sequence number 3 is above 2");
  }

  @Test
  void anEventOfASequenceThatWasSetBackIsNotPublished() throws Exception {
    checkpoint(4);
    database.execute("delete from outbox where seq < 3; select setval('outbox_seq', 1, false)");
    insert(1);
    assertStatus(1, Status.UNKNOWN, "the outbox's sequence stands at 1");

    checkpoint(4);
    assertStatus(1, Status.UNKNOWN, "it was set back");
  }

  @Test
  void anEventWithANumberThatWasPassedIsNotPublished() throws Exception {
    checkpoint(4);
    database.execute(
        """
        delete from outbox where seq = 2;
        insert into outbox (seq, aggregate_type, aggregate_id, event_type)
          values (2, 'order', 'a', 'x')
        """);

    assertStatus(2, Status.UNKNOWN, "so the relay does not read it again");
  }

  @Test
  void aRowWithAnXidOfItsOwnIsNotPublished() throws Exception {
    database.execute(
        """
        insert into outbox (xid, seq, aggregate_type, aggregate_id, event_type)
          values ('3', -1, 'order', 'a', 'x')
        """);

    assertStatus(-1, Status.UNKNOWN, "it was updated, copied or restored");
  }

  @Test
  void anEventThatRowSecurityMayHideIsNotPublished() throws Exception {
    database.execute(
        "alter table outbox enable row level security; alter table outbox force row level"
            + " security");

    assertStatus(3, Status.UNKNOWN, "row-level security is on");
  }

  @Test
  void nothingIsPublishedInARestoredDatabase() throws Exception {
    database.execute(
        "update outbox_checkpoint set settled = '4000000000000:4000000000000:', fence ="
            + " '4000000000000'");

    assertStatus(3, Status.UNKNOWN, "looks restored from a dump");
  }

  @Test
  void withoutACheckpointNothingIsKnown() throws Exception {
    database.execute("delete from outbox_checkpoint");

    assertStatus(3, Status.UNKNOWN, "has no checkpoint");
  }

  @Test
  void withAnotherHashNothingIsKnown() throws Exception {
    database.execute("update outbox_checkpoint set hash = hash + 1");

    assertStatus(3, Status.UNKNOWN, "hashes aggregate ids differently");
  }

  @Test
  void aDiscardIsRememberedWhenItsDeadLetterIsGone() throws Exception {
    database.execute(
        """
        insert into outbox_dead_letter (seq, aggregate_id, state, reason, destination, attempts)
        select seq, 'a', case seq when 2 then 'skipped' else 'parked' end, 'too large', 'orders', 1
        from outbox where seq < 3
        """);
    var author = new Actor("alice", Actor.Channel.API);
    at(
        connection ->
            new DeadLetterCommands(connection, outbox().names(), author)
                .discard(
                    new DeadLetterFilter(
                        List.of(),
                        "a",
                        null,
                        DeadLetterFilter.LastRejection.ANY,
                        DeadLetterFilter.Others.NONE),
                    false));

    for (String gone : List.of("", "delete from outbox_dead_letter", "delete from outbox")) {
      if (!gone.isEmpty()) {
        database.execute(gone);
      }
      assertStatus(1, Status.DISCARDED, "alice gave it up at 20");
      assertStatus(2, Status.DISCARDED, "it had been set aside: too large");
    }
  }

  @Test
  void eventsThatAreSetAsideHaveDistinctStatuses() throws Exception {
    database.execute(
        """
        insert into outbox_dead_letter (seq, aggregate_id, state, reason, destination, attempts, redelivery)
        values (11, 'b-1', 'parked', 'too large', 'orders', 1, null),
               (12, 'b-1', 'parked', 'waits behind', 'orders', 0, null),
               (13, 'b-2', 'parked', 'orders is down', 'orders', 0, 'requested'),
               (14, 'b-3', 'parked', 'it is paused', 'audit', 0, 'requested'),
               (15, 'b-4', 'skipped', 'too large', 'orders', 1, 'requested');
        insert into outbox_pause (destination, paused_by) values ('audit', 'alice');
        """);

    assertStatus(11, Status.REJECTED, "too large");
    assertStatus(
        12, Status.BLOCKED, "to be published once the rejected event of the aggregate is retried");
    assertStatus(13, Status.DEFERRED, "orders is down");
    assertStatus(14, Status.PAUSED, "it is paused");
    assertStatus(15, Status.REJECTED, "being retried");
  }
}

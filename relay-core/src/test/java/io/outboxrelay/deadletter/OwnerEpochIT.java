package io.outboxrelay.deadletter;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A former owner of a shard can no longer write to the dead letters. */
class OwnerEpochIT {
  private static final OutboxNames NAMES = new OutboxNames("public", "outbox");
  private static final OwnerEpoch FORMER = new OwnerEpoch(0, 6);
  private static final OwnerEpoch CURRENT = new OwnerEpoch(0, 7);

  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private final Settings settings = Settings.of("test", database.settings());

  private PgConnection connection;

  @BeforeEach
  void create() throws SQLException, TimeoutException {
    database.execute(new OutboxSchema(OutboxConfig.from(settings)).script());
    database.execute(
        """
        update outbox_checkpoint set epoch = 7;
        insert into outbox (aggregate_type, aggregate_id, event_type)
          select 'order', 'a-1', n::text from generate_series(1, 5) n;
        insert into outbox_dead_letter (seq, aggregate_id, event_type, state, reason, attempts)
          select n, 'a-1', n::text, 'parked', 'r', case n when 1 then 1 else 0 end
          from generate_series(1, 4) n;
        insert into outbox_dead_letter (seq, aggregate_id, event_type, state, reason, redelivery)
          values (9, 'a-2', '9', 'skipped', 'r', 'requested');
        """);
    connection = done(Database.create(vertx, DatabaseConfig.from(settings)).connect());
  }

  @AfterEach
  void close() throws TimeoutException {
    vertx.close().await(20, SECONDS);
    database.close();
  }

  @Test
  void newDeadLetters() throws Exception {
    String before = deadLetters();
    var waiting = NewDeadLetter.waiting(5, "a-1", "x");

    assertOver(new DeadLetterWriter(connection, NAMES, FORMER, later -> {}).write(waiting));
    assertThat(deadLetters()).isEqualTo(before);

    done(new DeadLetterWriter(connection, NAMES, CURRENT, later -> {}).write(waiting));
    assertThat(deadLetters()).isEqualTo(before + ", 5");
  }

  /** The log can deliver a transaction a moment before its rows are visible. */
  @Test
  void aRowThatIsNotVisibleYetIsAwaited() throws Exception {
    String before = deadLetters();
    try (var writer = database.connect()) {
      writer.setAutoCommit(false);
      writer
          .createStatement()
          .execute(
              "insert into outbox (aggregate_type, aggregate_id, event_type) values"
                  + " ('order', 'a-1', '6')");
      var written =
          new DeadLetterWriter(connection, NAMES, CURRENT, later -> {})
              .write(NewDeadLetter.waiting(6, "a-1", "x"));
      done(connection.query("select 1").execute());
      assertThat(written.isComplete()).isFalse();

      writer.commit();
      done(written);
    }
    assertThat(deadLetters()).isEqualTo(before + ", 6");
  }

  /** A later event of an aggregate must not be set aside without an earlier one. */
  @Test
  void noRowIsCopiedWithoutOneThatIsNotVisibleYet() throws Exception {
    String before = deadLetters();
    String insert =
        "insert into outbox (aggregate_type, aggregate_id, event_type) values"
            + " ('order', 'a-1', 'next')";
    try (var writer = database.connect()) {
      writer.setAutoCommit(false);
      writer.createStatement().execute(insert);
      database.execute(insert);
      var letters = new DeadLetterWriter(connection, NAMES, CURRENT, later -> {});
      var first = letters.write(NewDeadLetter.waiting(5, "a-1", "x"));
      var hidden = letters.write(NewDeadLetter.waiting(6, "a-1", "x"));
      var visible = letters.write(NewDeadLetter.waiting(7, "a-1", "x"));
      done(first);
      done(connection.query("select 1").execute());
      assertThat(deadLetters()).isEqualTo(before + ", 5");

      writer.commit();
      done(hidden);
      done(visible);
    }
    assertThat(deadLetters()).isEqualTo(before + ", 5, 6, 7");
  }

  /**
   * Every transaction that could have written the row has ended, so there is nothing to wait for.
   */
  @Test
  void aRowThatWasDeletedIsNotAwaited() throws Exception {
    String before = deadLetters();
    database.execute("delete from outbox where seq = 5");

    done(
        new DeadLetterWriter(connection, NAMES, CURRENT, later -> {})
            .write(NewDeadLetter.waiting(5, "a-1", "x")));

    assertThat(deadLetters()).isEqualTo(before);
  }

  @Test
  void claims() throws Exception {
    String before = deadLetters();
    var redeliveryFailure = new RedeliveryFailure(1, "refused again", "x", true);
    var former = claims(FORMER);

    assertOver(former.next("a-1", List.of(), Long.MIN_VALUE));
    assertOver(former.next("a-1", List.of(1L), Long.MIN_VALUE));
    assertOver(former.giveBack("a-1", List.of(2L), redeliveryFailure));
    assertOver(former.settle(List.of(1L)));
    assertOver(former.take(List.of(9L)));
    assertThat(deadLetters()).isEqualTo(before);

    var current = claims(CURRENT);
    assertThat(done(current.next("a-1", List.of(), Long.MIN_VALUE)).seqs())
        .containsExactly(1L, 2L, 3L, 4L);
    assertThat(done(current.next("a-1", List.of(1L, 2L, 3L, 4L), Long.MIN_VALUE)).deadLetters())
        .isEmpty();
    assertThat(done(current.take(List.of(9L)))).hasSize(1);
    assertThat(done(current.take(List.of(1L)))).isEmpty();
  }

  /** A pending write of a former owner is committed before its successor reads. */
  @Test
  void aSuccessorWaitsForAWriteUnderWayAndCheckpointsDoNot() throws Exception {
    try (var former = database.connect()) {
      former.setAutoCommit(false);
      former
          .createStatement()
          .executeQuery(
              "with ours as (" + OwnerEpoch.isOurs(NAMES, "0", "7") + ") select ours from ours");

      done(connection.query("set lock_timeout = '200ms'").execute());
      done(
          connection
              .query("update public.outbox_checkpoint set top = 5 where epoch = 7")
              .execute());
      assertThatThrownBy(
              () ->
                  done(connection.query("update public.outbox_checkpoint set epoch = 8").execute()))
          .hasMessageContaining("lock timeout");
      former.rollback();
    }
    done(connection.query("update public.outbox_checkpoint set epoch = 8").execute());
  }

  private SqlDeadLetterClaims claims(OwnerEpoch owner) {
    return new SqlDeadLetterClaims(
        connection, NAMES, owner, new EventColumns(PayloadType.JSONB), Duration.ofSeconds(10));
  }

  private static void assertOver(Future<?> write) {
    assertThatThrownBy(() -> done(write))
        .hasMessageStartingWith("another relay has taken over shard 0 since epoch 6");
  }

  private static <T> T done(Future<T> future) throws TimeoutException {
    return future.await(20, SECONDS);
  }

  private String deadLetters() throws SQLException {
    try (var sql = database.connect();
        var result =
            sql.createStatement()
                .executeQuery(
                    "select string_agg(concat_ws(' ', seq, redelivery, nullif(attempts, 0)), ', '"
                        + " order by seq <> 9, seq) from outbox_dead_letter")) {
      result.next();
      return result.getString(1);
    }
  }
}

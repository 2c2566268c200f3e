package io.outboxrelay.account;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outboxrelay.database.DatabaseConfig;
import io.outboxrelay.outbox.OutboxConfig;
import io.outboxrelay.outbox.OutboxSchema;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.testkit.PostgresServer;
import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A full range is compared once no transaction can write into it, with a checkpoint that the test
 * sets.
 */
class AccountReconcilerIT {
  private static final Duration NEVER = Duration.ofHours(1);
  private static final Duration AT_ONCE = Duration.ofMillis(1);

  private final OutboxConfig config = OutboxConfig.from(Settings.of("test", Map.of()));
  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database = PostgresServer.shared().createDatabase();
  private PgConnection connection;

  @BeforeEach
  void fillARange() throws SQLException {
    database.execute(new OutboxSchema(config).withoutDoorbell().script());
    write(5_000);
    confirmAll();
    AccountProbe.adopt(database, config.names());
    var settings =
        Map.of("database", Map.of("uri", database.uri(), "password", database.server().password()));
    connection =
        PgConnection.connect(
                vertx, DatabaseConfig.from(Settings.of("test", settings)).toConnectOptions())
            .await();
  }

  @AfterEach
  void close() {
    connection.close().await();
    vertx.close().await();
    database.close();
  }

  @Test
  void aFullRangeIsCompared() throws SQLException {
    lose(7);
    start(NEVER);

    awaitCompared("1");
    assertThat(differing()).isEqualTo("0");
  }

  @Test
  void aRangeThatATransactionCanStillWriteIntoIsNotComparedForGood() throws SQLException {
    try (var writer = database.connect();
        var statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute("select pg_current_xact_id()");
      start(NEVER);

      await().during(Duration.ofMillis(500)).until(this::compared, "0"::equals);
      writer.commit();
    }
    awaitCompared("1");
  }

  /** A loss in the range is found although a transaction stays open. */
  @Test
  void aRangeIsComparedEarlyWhileATransactionStaysOpen() throws SQLException {
    lose(7);
    try (var writer = database.connect();
        var statement = writer.createStatement()) {
      writer.setAutoCommit(false);
      statement.execute("select pg_current_xact_id()");
      start(AT_ONCE);

      await().atMost(PATIENCE).until(this::differing, "0"::equals);
      assertThat(compared()).isEqualTo("0");
    }
  }

  /** If a shard lags behind, the events that it delivers later must be compared, too. */
  @Test
  void aRangeWithEventsThatAreStillToBePublishedIsNotComparedForGood() throws SQLException {
    database.execute("select setval('outbox_seq', 4000)");
    database.execute("delete from outbox where seq > 4000");
    database.execute("update outbox_checkpoint set top = 4000, floor = 4000");
    database.execute("truncate outbox_account");
    AccountProbe.adopt(database, config.names());
    write(1_000);
    start(NEVER);

    await().during(Duration.ofMillis(500)).until(this::compared, "0"::equals);
    assertThat(differing()).isEmpty();
    database.execute("begin; truncate outbox_account; " + CONFIRM + "; commit");
    awaitCompared("1");
  }

  private static final String CONFIRM =
      "update outbox_checkpoint set settled = pg_current_snapshot(), fence = pg_current_xact_id(),"
          + " top = (select max(seq) from outbox), floor = (select max(seq) from outbox)";

  private void write(int events) throws SQLException {
    database.execute(
        "insert into outbox (aggregate_type, aggregate_id, event_type)"
            + " select 'order', 'a', 'paid' from generate_series(1, "
            + events
            + ")");
  }

  private void confirmAll() throws SQLException {
    database.execute(CONFIRM);
  }

  /** Changes the account as if this event had not been delivered. */
  private void lose(long seq) throws SQLException {
    database.execute(
        "update outbox_account set events = events - 1, digest = digest - (select %s from outbox event where seq = %d) where range = 0"
            .formatted(AccountProbe.hash(), seq));
  }

  private void start(Duration earlyAfter) {
    new AccountReconciler(vertx, connection, config.names(), Duration.ofMillis(10), earlyAfter)
        .start();
  }

  private void awaitCompared(String range) {
    await().atMost(PATIENCE).until(this::compared, range::equals);
  }

  private String compared() throws SQLException {
    return query("select coalesce(compared, 0) from outbox_checkpoint");
  }

  private String differing() throws SQLException {
    return query("select coalesce(string_agg(range::text, ' '), '') from outbox_difference");
  }

  private String query(String sql) throws SQLException {
    try (var reading = database.connect();
        var statement = reading.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}

package io.outboxrelay.leadership;

import io.outboxrelay.database.Database;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The locks of {@link BrokerHandover} in the database. */
final class SqlBrokerCallLocks implements BrokerCallLocks {
  /**
   * How long the database may take to answer a query. If it takes longer, the query fails and the
   * call ends, because nothing can be handed over without the database.
   */
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(10);

  private static final String CALL = "select pg_try_advisory_lock(%s)";
  private static final String ANSWER = "select pg_advisory_lock_shared(%s)";

  /**
   * Selects true if another session holds the lock of the answer. Otherwise acquires that lock and
   * releases it at once.
   */
  private static final String IS_ANSWERED =
      """
      select case when pg_try_advisory_lock(%1$s) then not pg_advisory_unlock(%1$s) else true end
      """;

  private final Database database;
  private final OutboxNames names;

  SqlBrokerCallLocks(Database database, OutboxNames names) {
    this.database = database;
    this.names = names;
  }

  @Override
  public Future<Optional<Call>> call() {
    return onNewConnection(CALL.formatted(names.brokerCallLock()))
        .compose(
            asked ->
                isTrue(asked.rows)
                    ? Future.succeededFuture(Optional.<Call>of(new HeldCall(asked.connection)))
                    : database.close(asked.connection).map(Optional.<Call>empty()));
  }

  @Override
  public Future<Held> answer() {
    return onNewConnection(ANSWER.formatted(names.brokerAnswerLock()))
        .map(locked -> () -> database.close(locked.connection));
  }

  private record Locked(PgConnection connection, RowSet<Row> rows) {}

  private Future<Locked> onNewConnection(String sql) {
    return database
        .connect()
        .compose(
            connection ->
                execute(connection, sql)
                    .map(rows -> new Locked(connection, rows))
                    .recover(
                        failure ->
                            database
                                .close(connection)
                                .transform(closed -> Future.failedFuture(failure))));
  }

  private static Future<RowSet<Row>> execute(PgConnection connection, String sql) {
    return connection
        .query(sql)
        .execute()
        .timeout(ANSWERS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static boolean isTrue(RowSet<Row> rows) {
    return rows.iterator().next().getBoolean(0);
  }

  private final class HeldCall implements Call {
    private final PgConnection connection;

    HeldCall(PgConnection connection) {
      this.connection = connection;
    }

    @Override
    public Future<Boolean> isAnswered() {
      return execute(connection, IS_ANSWERED.formatted(names.brokerAnswerLock()))
          .map(SqlBrokerCallLocks::isTrue);
    }

    @Override
    public void onEnd(Runnable action) {
      connection.closeHandler(closed -> action.run());
    }

    @Override
    public Future<Void> release() {
      return database.close(connection);
    }
  }
}

package io.outboxrelay.redelivery;

import io.outboxrelay.database.Database;
import io.outboxrelay.database.OnDemandConnection;
import io.outboxrelay.deadletter.DeadLetterClaims;
import io.outboxrelay.deadletter.SqlDeadLetterClaims;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxTable;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;

/** The dead letters of one shard in the database. */
final class SqlRedeliveryTable implements RedeliveryTable {
  private final SqlClient control;
  private final OnDemandConnection connection;
  private final RedeliveryWorker.Scope scope;

  /**
   * @param control the connection for {@link #requestRetries} and {@link #isAnyPending}
   */
  SqlRedeliveryTable(Database database, SqlClient control, RedeliveryWorker.Scope scope) {
    this.control = control;
    this.connection = new OnDemandConnection(database, SqlDeadLetterClaims.PLAN);
    this.scope = scope;
  }

  @Override
  public Future<Void> requestRetries() {
    return PendingRedeliveries.ask(
        control, scope.names(), scope.share(), scope.schedule().retryAfter());
  }

  @Override
  public Future<Boolean> isAnyPending() {
    return PendingRedeliveries.isAny(control, scope.names());
  }

  @Override
  public Future<PendingRedeliveries> find() {
    return connection
        .get()
        .compose(
            opened ->
                PendingRedeliveries.find(
                    opened, scope.names(), scope.share(), scope.destinations().filter()));
  }

  @Override
  public Future<Void> requestForgotten() {
    return connection
        .get()
        .compose(
            opened ->
                new ForgottenAggregates(opened, scope.names(), scope.share(), scope.owner())
                    .find());
  }

  @Override
  public Future<DeadLetterClaims> claims() {
    return connection
        .get()
        .compose(
            opened ->
                OutboxTable.payloadType(opened, scope.names())
                    .map(
                        payload ->
                            new SqlDeadLetterClaims(
                                opened,
                                scope.names(),
                                scope.owner(),
                                EventColumns.of(
                                    opened,
                                    scope.names().columns(),
                                    payload,
                                    scope.maxEventBytes()),
                                scope.schedule().patience())));
  }

  @Override
  public Future<Boolean> sweep() {
    return connection
        .get()
        .compose(opened -> PendingRedeliveries.sweep(opened, scope.names(), scope.share()));
  }

  @Override
  public Future<Void> release() {
    return connection.release();
  }

  @Override
  public Future<Void> close() {
    return connection.close();
  }
}

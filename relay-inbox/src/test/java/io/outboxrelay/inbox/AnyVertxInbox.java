package io.outboxrelay.inbox;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.outboxrelay.testkit.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

final class AnyVertxInbox implements AnyInbox {

  private final Vertx vertx = Vertx.vertx();
  private final TestDatabase database;
  private final InboxTable table;
  private final Pool pool;
  private final VertxInbox inbox;

  AnyVertxInbox(TestDatabase database, InboxTable table, String consumer) {
    this.database = database;
    this.table = table;
    var options =
        PgConnectOptions.fromUri(database.uri())
            .setPassword(database.server().password())
            .addProperty("application_name", consumer);
    this.pool = PgBuilder.pool().connectingTo(options).using(vertx).build();
    this.inbox = VertxInbox.of(pool, table, consumer);
  }

  @Override
  public AnyInbox another(String consumer) {
    return new AnyVertxInbox(database, table, consumer);
  }

  @Override
  public void install() throws TimeoutException {
    inbox.install().await(PATIENCE.toSeconds(), SECONDS);
  }

  @Override
  public InboxResult<String> handle(
      InboxMessage<String> received, Function<InboxResult<String>, String> effect)
      throws TimeoutException {
    return inbox
        .handle(received, (arrival, sql) -> sql.query(effect.apply(arrival)).execute())
        .await(PATIENCE.toSeconds(), SECONDS);
  }

  @Override
  public List<InboxResult<String>> handleAll(
      List<InboxMessage<String>> received, Function<List<InboxResult<String>>, String> effect)
      throws TimeoutException {
    return inbox
        .handleAll(received, (arrivals, sql) -> sql.query(effect.apply(arrivals)).execute())
        .await(PATIENCE.toSeconds(), SECONDS);
  }

  @Override
  public InboxResult<String> noteAndRollBack(InboxMessage<String> received)
      throws TimeoutException {
    return pool.getConnection()
        .compose(
            connection ->
                connection
                    .begin()
                    .compose(
                        transaction ->
                            inbox
                                .note(connection, List.of(received))
                                .compose(arrivals -> transaction.rollback().map(arrivals.get(0))))
                    .eventually(connection::close))
        .await(PATIENCE.toSeconds(), SECONDS);
  }

  @Override
  public long forgetOlderThan(Duration age) throws TimeoutException {
    return inbox.forgetOlderThan(age).await(PATIENCE.toSeconds(), SECONDS);
  }

  @Override
  public void close() {
    vertx.close().await();
  }
}

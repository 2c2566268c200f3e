package io.outboxrelay.inbox;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Handles each event once, for consumers that use the Vert.x client for PostgreSQL.
 *
 * <p>Safe for use by several verticles and threads. If a transaction fails, neither its effects nor
 * its inbox rows remain, so let the broker deliver the events again.
 */
public final class VertxInbox {
  private final Pool pool;
  private final InboxTable table;
  private final String consumer;

  private VertxInbox(Pool pool, InboxTable table, String consumer) {
    this.pool = pool;
    this.table = table;
    this.consumer = consumer;
  }

  /**
   * Returns the inbox of one consumer.
   *
   * @param pool connects to the database in which the effects are made; the caller closes the pool
   * @param consumer the name of the consumer; if several consumers share the table, each of them
   *     handles every event
   */
  public static VertxInbox of(Pool pool, InboxTable table, String consumer) {
    return new VertxInbox(pool, table, consumer);
  }

  /** Creates the two tables and the index if they do not exist. */
  public Future<Void> install() {
    return pool.withTransaction(
        connection ->
            connection
                .query(table.takeTurns())
                .execute()
                .compose(turn -> connection.query(table.script()).execute())
                .mapEmpty());
  }

  /**
   * Records the event and runs {@code effect} in one transaction; if the event is a repeat, {@code
   * effect} does not run. Completes after the commit: acknowledge the message then.
   *
   * <p>If another consumer process is handling the same event, the future completes only after that
   * transaction ends.
   */
  public <M> Future<InboxResult<M>> handle(
      InboxMessage<M> received, BiFunction<InboxResult<M>, SqlConnection, Future<?>> effect) {
    return handleAll(
            List.of(received), (fresh, connection) -> effect.apply(fresh.get(0), connection))
        .map(arrivals -> arrivals.get(0));
  }

  /**
   * Handles many events like {@link #handle}, all in one transaction.
   *
   * @param effect gets the events that are new, in the order in which they were received; if no
   *     event is new, {@code effect} is not called
   * @return all events, in the order in which they were received
   */
  public <M> Future<List<InboxResult<M>>> handleAll(
      List<InboxMessage<M>> received,
      BiFunction<List<InboxResult<M>>, SqlConnection, Future<?>> effect) {
    return pool.withTransaction(
        connection ->
            // {@code compose} turns an exception into a failed future, which rolls the transaction
            // back.
            Future.succeededFuture()
                .compose(begun -> note(connection, received))
                .compose(
                    arrivals -> {
                      var fresh = arrivals.stream().filter(InboxResult::isNew).toList();
                      return fresh.isEmpty()
                          ? Future.succeededFuture(arrivals)
                          : effect.apply(fresh, connection).map(arrivals);
                    }));
  }

  /**
   * Records the events in a transaction of the caller. The caller makes the effect of the events
   * that {@linkplain InboxResult#isNew() are new} in the same transaction.
   */
  public <M> Future<List<InboxResult<M>>> note(
      SqlConnection connection, List<InboxMessage<M>> received) {
    var notes = new InboxBatch<>(received);
    return connection
        .preparedQuery(table.note())
        .execute(
            Tuple.of(notes.ids(), notes.types(), notes.aggregates(), notes.sequences(), consumer))
        .map(
            rows -> {
              rows.forEach(
                  row ->
                      notes.noted(
                          row.getUUID(0), row.getString(1), row.getString(2), row.getLong(3)));
              return notes.arrivals();
            });
  }

  /**
   * Deletes this consumer's inbox rows that are older than {@code age}, in transactions of at most
   * 5,000 rows; completes with the number of deleted rows.
   *
   * @param age longer than the time after which a repeat can arrive, because an event without its
   *     inbox row is handled again
   */
  public Future<Long> forgetOlderThan(Duration age) {
    return forget(InboxTable.millis(age), 0);
  }

  private Future<Long> forget(long millis, long before) {
    return pool.preparedQuery(table.forget())
        .execute(Tuple.of(consumer, millis))
        .compose(
            deleted -> {
              long sum = before + deleted.rowCount();
              return deleted.rowCount() < InboxTable.FORGOTTEN_AT_ONCE
                  ? Future.succeededFuture(sum)
                  : forget(millis, sum);
            });
  }
}

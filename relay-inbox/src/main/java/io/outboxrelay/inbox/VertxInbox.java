package io.outboxrelay.inbox;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;

/**
 * Handles events once, for consumers that use the Vert.x client for PostgreSQL.
 *
 * <p>May be shared by verticles and threads. Where a transaction fails, nothing of it remains,
 * neither effects nor notes: let the broker deliver its events again.
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
   * The inbox of one consumer.
   *
   * @param pool leads to the database in which the effects are made; stays the caller's to close
   * @param consumer tells apart those that share the table: each handles every event for itself
   */
  public static VertxInbox of(Pool pool, InboxTable table, String consumer) {
    return new VertxInbox(pool, table, consumer);
  }

  /** Creates the table where it is not there yet. */
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
   * Has {@code effect} made in the transaction that notes the event, or not at all where it is a
   * repeat. Completes when the transaction is committed: acknowledge the message then.
   *
   * <p>Where another consumer is handling the same event, this waits for its end.
   */
  public <M> Future<InboxResult<M>> handle(
      InboxMessage<M> received, BiFunction<InboxResult<M>, SqlConnection, Future<?>> effect) {
    return handleAll(
            List.of(received), (fresh, connection) -> effect.apply(fresh.get(0), connection))
        .map(arrivals -> arrivals.get(0));
  }

  /**
   * As {@link #handle} for many events in one transaction.
   *
   * @param effect gets those that are no repeats, in the order in which they were received, and is
   *     not called where there are none
   * @return all of them, in the order in which they were received
   */
  public <M> Future<List<InboxResult<M>>> handleAll(
      List<InboxMessage<M>> received,
      BiFunction<List<InboxResult<M>>, SqlConnection, Future<?>> effect) {
    return pool.withTransaction(
        connection ->
            // Whatever is thrown below becomes a failure, and the transaction is rolled back.
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
   * Only notes the events, in a transaction that is the caller's, who makes the effect of those
   * that {@linkplain InboxResult#isNew() are new} in the same one.
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
   * Deletes this consumer's notes that are older, some thousands in each of several transactions;
   * completes with their number.
   *
   * @param age longer than a repeat may come after the first: an event whose note is gone is
   *     handled again
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

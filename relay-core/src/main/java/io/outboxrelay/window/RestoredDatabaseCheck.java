package io.outboxrelay.window;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;

/**
 * Detects an outbox that does not continue from its checkpoint: it lies in another database or
 * cluster, for example after a dump was restored, or its sequence was set back. Windows compare
 * transaction ids and sequence numbers, so a reader that went on could lose events.
 */
final class RestoredDatabaseCheck {
  /**
   * Reads the state of the database that is compared with the checkpoint. The last column is the
   * number of events that contradict the checkpoint: events of a transaction at or above the fence
   * with a sequence number that is not above the highest confirmed one.
   */
  private static final String FIND =
      """
      select pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
             coalesce((select max(xid::text::bigint)
                       from (select xid from %1$s order by seq desc limit 1000) latest), 0),
             (select last_value - (not is_called)::int from %2$s),
             (select count(*) from (select xid from %1$s
                                    where seq <= $1 and seq > $1 - 100000) below
              where xid >= $2::text::xid8)
      """;

  private static final String ADOPT =
      """
      update %s set system_identifier = $2, database_oid = $3
      where shard = $1 and system_identifier is null and database_oid is null
      """;

  private static final String REBASE =
      ". Nothing is published, because events could be lost. Stop every relay and run the command"
          + " rebase, after which waiting events are published";

  private RestoredDatabaseCheck() {}

  /** Fails if the outbox contradicts the checkpoint {@code from}. */
  static Future<Void> verify(
      SqlConnection connection, OutboxNames names, int shard, Checkpoint from) {
    return DatabaseIdentity.read(connection)
        .compose(here -> verifyIdentity(connection, names, shard, here))
        .compose(
            known ->
                connection
                    .preparedQuery(FIND.formatted(names.events(), names.sequence()))
                    .execute(Tuple.of(from.top(), Long.toString(from.fence()))))
        .compose(
            rows -> {
              var row = rows.iterator().next();
              return verifyIds(row.getLong(0), row.getLong(1), from)
                  .compose(same -> verifyNumbers(names, row.getLong(2), row.getLong(3), from));
            });
  }

  private static Future<?> verifyIdentity(
      SqlConnection connection, OutboxNames names, int shard, DatabaseIdentity here) {
    return connection
        .preparedQuery(
            "select system_identifier, database_oid from %s where shard = $1"
                .formatted(names.checkpoint()))
        .execute(Tuple.of(shard))
        .map(rows -> rows.iterator().next())
        .map(row -> new DatabaseIdentity(row.getLong(0), row.getLong(1)))
        .compose(
            noted ->
                noted.contradicts(here)
                    ? Future.failedFuture(foreign(noted, here))
                    : connection
                        .preparedQuery(ADOPT.formatted(names.checkpoint()))
                        .execute(Tuple.of(shard, here.system(), here.database())));
  }

  private static RestoredDatabaseException foreign(DatabaseIdentity noted, DatabaseIdentity here) {
    return new RestoredDatabaseException(
        "the checkpoint belongs to "
            + noted
            + ", and this is "
            + here
            + ": the outbox was restored from a dump, copied or upgraded. Nothing is published,"
            + " because events could be lost, and a copy must not publish beside its original. If"
            + " this database takes the place of the original, stop every relay and run the"
            + " command rebase, which loses no event");
  }

  private static Future<Void> verifyIds(long next, long highest, Checkpoint from) {
    long noted = Math.max(from.fence(), Snapshot.parse(from.settled()).xmax());
    if (noted <= next && highest < next) {
      return Future.succeededFuture();
    }
    return Future.failedFuture(
        new RestoredDatabaseException(
            "the database's next transaction id is "
                + next
                + (noted <= next
                    ? ", but the outbox holds an event of transaction " + highest
                    : ", but it was " + noted + " already when the checkpoint was stored")
                + ": it looks restored from a dump into another cluster"
                + REBASE));
  }

  private static Future<Void> verifyNumbers(
      OutboxNames names, long last, long contradicting, Checkpoint from) {
    if (last < from.top()) {
      return Future.failedFuture(setBack(names.sequence(), last, from.top()));
    }
    return contradicting == 0
        ? Future.succeededFuture()
        : Future.failedFuture(
            new ContradictionException(
                "the outbox %s holds %s with a sequence number at or below %d, written after the relay"
                        .formatted(
                            names.outbox(), CountFormat.of(contradicting, "event"), from.top())
                    + " had read up to that number: the sequence was set back, or rows were written"
                    + " by logical replication"
                    + REBASE));
  }

  /**
   * Creates the failure for a sequence with the last number {@code last}, although an event with
   * the higher number {@code top} was read before.
   */
  static ContradictionException setBack(String sequence, long last, long top) {
    return new ContradictionException(
        "the sequence "
            + sequence
            + " gave out the number "
            + last
            + " last, but number "
            + top
            + " was read already: the sequence was set back"
            + REBASE);
  }
}

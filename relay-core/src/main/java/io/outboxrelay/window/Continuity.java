package io.outboxrelay.window;

import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/**
 * Notices a database whose transaction ids do not go on from those in the outbox, as after a dump
 * was restored into a new cluster: windows compare ids, and would lose events there.
 */
final class Continuity {
  private static final String NEXT_AND_HIGHEST =
      """
      select pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
             coalesce((select max(xid::text::bigint)
                       from (select xid from %s order by seq desc limit 1000) latest), 0)
      """;

  private Continuity() {}

  /** Fails where {@code from}, or an event, is from the future of this database. */
  static Future<Void> verify(SqlConnection connection, OutboxNames names, Checkpoint from) {
    return connection
        .query(NEXT_AND_HIGHEST.formatted(names.outbox()))
        .execute()
        .compose(
            rows -> {
              var row = rows.iterator().next();
              return verify(row.getLong(0), row.getLong(1), from);
            });
  }

  private static Future<Void> verify(long next, long highest, Checkpoint from) {
    long noted = Math.max(from.fence(), Snapshot.parse(from.settled()).xmax() - 1);
    if (noted < next && highest < next) {
      return Future.succeededFuture();
    }
    return Future.failedFuture(
        new RestoredDatabaseException(
            "the database gives out transaction ids from "
                + next
                + ", but the "
                + (noted < next
                    ? "outbox holds events of " + highest
                    : "checkpoint speaks of " + noted)
                + ": it looks restored from a dump into another cluster. Nothing is published, as"
                + " events could be lost; stop every relay and run the command rebase, which keeps"
                + " all unpublished events"));
  }
}

package io.outboxrelay.window;

import io.outboxrelay.database.DatabaseException;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;

/**
 * Makes an outbox usable again in a database restored from a dump: gives the events, and the
 * checkpoint, transaction ids of the new cluster.
 *
 * <p>What was not confirmed when the dump was made is published after it, in order; what was
 * confirmed is not published again.
 */
public final class Rebase {
  /**
   * Waiting events get this transaction's own id, so that they make up the first window. Settled
   * ones from this cluster's future get one from its past.
   */
  private static final String MARK =
      """
      with checkpoint as (
        select settled, coalesce(open_window, settled) as open_window, coalesce(position, 0) as position
        from %2$s where shard = $1
      ), event as (
        select seq, not pg_visible_in_snapshot(xid, settled)
                    and not (pg_visible_in_snapshot(xid, open_window) and seq <= position) as waiting
        from %1$s, checkpoint
      ), marked as (
        update %1$s outbox
        set xid = case when waiting then pg_current_xact_id() else '1'::xid8 end
        from event
        where event.seq = outbox.seq and (waiting or xid >= pg_current_xact_id())
        returning outbox.seq, waiting
      )
      select count(*) filter (where waiting),
             coalesce(min(seq) filter (where waiting) - 1, (select max(seq) from %1$s), 0),
             pg_current_xact_id()::text::bigint
      from marked
      """;

  private static final String MOVE =
      """
      update %s
      set settled = ($2::text || ':' || $2::text || ':')::pg_snapshot, top = $3, floor = $3,
          fence = $2::text::xid8, open_window = null, position = null, epoch = epoch + 1
      where shard = $1
      """;

  private Rebase() {}

  /**
   * Re-bases the outbox in one transaction; completes with how many events wait to be published.
   * Refuses while a relay owns the shard.
   */
  public static Future<Long> run(SqlConnection connection, OutboxNames names, int shard) {
    return connection
        .begin()
        .compose(
            transaction ->
                alone(connection, names, shard)
                    .compose(locked -> mark(connection, names, shard))
                    .compose(waiting -> transaction.commit().map(waiting))
                    .onFailure(failure -> transaction.rollback()));
  }

  private static Future<Void> alone(SqlConnection connection, OutboxNames names, int shard) {
    return connection
        .query("select pg_try_advisory_xact_lock(" + names.leaseLock(shard) + ")")
        .execute()
        .compose(
            rows ->
                rows.iterator().next().getBoolean(0)
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                        DatabaseException.refused(
                            "a relay is at work on this outbox; nothing was changed. Stop every"
                                + " relay, then run rebase again")));
  }

  private static Future<Long> mark(SqlConnection connection, OutboxNames names, int shard) {
    return connection
        .preparedQuery(MARK.formatted(names.outbox(), names.checkpoint()))
        .execute(Tuple.of(shard))
        .map(rows -> rows.iterator().next())
        .compose(marked -> move(connection, names, shard, marked).map(marked.getLong(0)));
  }

  private static Future<?> move(
      SqlConnection connection, OutboxNames names, int shard, Row marked) {
    return connection
        .preparedQuery(MOVE.formatted(names.checkpoint()))
        .execute(Tuple.of(shard, Long.toString(marked.getLong(2)), marked.getLong(1)));
  }
}

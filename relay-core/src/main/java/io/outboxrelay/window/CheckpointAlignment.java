package io.outboxrelay.window;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.UnconfirmedEvents;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;

/**
 * Brings the checkpoints of all shards to one point, from which the outbox can be read by any
 * number of shards: what was confirmed stays confirmed, and what was not makes up the first window.
 *
 * <p>Within a transaction of the caller's that holds every shard's lease, and that has written
 * nothing yet.
 */
final class CheckpointAlignment {
  /**
   * All in one statement, and so in one snapshot. Its transaction id is taken after the snapshot,
   * which makes it a fence, and the snapshot does not see it: the waiting events that it marks will
   * be new to whoever goes on from there, and those still uncommitted now as well.
   *
   * <p>An event whose shard is not known for certain waits if any shard has not confirmed it: it
   * may be repeated, but not lost. Of the others, only those that a dump was restored with can have
   * an id that the snapshot does not see: they are put into the past.
   */
  private static final String MARK =
      """
      with base as (
        select case when $1 then (select coalesce(min(seq), 1) - 1 from %1$s)
                    else (select min(floor) from %2$s) end as floor
      ), event as (
        select seq, %3$s as waiting
        from %1$s event, base
        where event.seq > base.floor
      ), marked as (
        update %1$s outbox
        set xid = case when waiting then pg_current_xact_id() else '1'::xid8 end
        from event
        where event.seq = outbox.seq
          and (waiting or not pg_visible_in_snapshot(outbox.xid, (select pg_current_snapshot())))
        returning waiting
      )
      select count(*) filter (where waiting), pg_current_snapshot()::text,
             (select floor from base), pg_current_xact_id()::text
      from marked
      """;

  private static final String WAITS =
      """
      exists (
          select from %1$s c
          where (c.shard = %2$s or c.hash <> %3$s)
            and (%4$s
                 %5$s))\
      """;

  /**
   * In a database that the checkpoint does not belong to, an event may have been written before the
   * checkpoint was moved, with an id that the old cluster's snapshot sees. Such an event has a
   * number above all that were confirmed, or, where the sequence was not carried over, an id that
   * is that of the row's own transaction while the cluster has not reached the checkpoint's ids
   * yet. No row that was restored has that.
   */
  private static final String OR_WRITTEN_HERE =
      """
      or event.seq > c.top
                 or c.fence > pg_snapshot_xmax(pg_current_snapshot())
                    and (event.xid::text::bigint & 4294967295) = event.xmin::text::bigint\
      """;

  private static final String COUNT =
      """
      select count(*)::int
      from (
        select from %1$s event
        where event.seq > (select min(floor) from %2$s) and %3$s
        limit $1) waiting
      """;

  /** Above the epochs of all shards, also of one that comes back some day: old owners stay old. */
  private static final String MOVE =
      """
      update %1$s
      set settled = $1::text::pg_snapshot, top = $2, floor = $2,
          fence = ($3::text::bigint + 1)::text::xid8, open_window = null, position = null,
          epoch = (select max(epoch) + 1 from %1$s), updated_at = now()
      """;

  private final SqlConnection connection;
  private final OutboxNames names;

  CheckpointAlignment(SqlConnection connection, OutboxNames names) {
    this.connection = connection;
    this.names = names;
  }

  /**
   * Completes with how many events wait.
   *
   * @param restored whether the outbox may hold ids from the future of this cluster
   */
  Future<Long> run(boolean restored) {
    return connection
        .preparedQuery(MARK.formatted(names.outbox(), names.checkpoint(), waits(restored)))
        .execute(Tuple.of(restored))
        .map(rows -> rows.iterator().next())
        .compose(marked -> move(marked).map(marked.getLong(0)));
  }

  /** Completes with how many events would wait, counted up to {@code most}. */
  Future<Integer> waiting(int most) {
    return connection
        .preparedQuery(COUNT.formatted(names.outbox(), names.checkpoint(), waits(false)))
        .execute(Tuple.of(most))
        .map(rows -> rows.iterator().next().getInteger(0));
  }

  private String waits(boolean restored) {
    return WAITS.formatted(
        names.checkpoint(),
        ShardKey.shardOf("event.aggregate_id", "c.shards"),
        ShardKey.PROBE,
        UnconfirmedEvents.condition("event", "c"),
        restored ? OR_WRITTEN_HERE : "");
  }

  private Future<?> move(Row marked) {
    return connection
        .preparedQuery(MOVE.formatted(names.checkpoint()))
        .execute(Tuple.of(marked.getString(1), marked.getLong(2), marked.getString(3)));
  }
}

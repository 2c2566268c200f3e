package io.outboxrelay.window;

import io.outboxrelay.outbox.OutboxColumn;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.UnconfirmedEvents;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;

/**
 * Sets the checkpoints of all shards to one and the same position, from which any number of shards
 * can read the outbox. Confirmed events stay confirmed. All unconfirmed events belong to the first
 * window that is read from that position.
 *
 * <p>Runs in a transaction of the caller, which must hold the lease of every shard and must not
 * have written anything yet.
 */
final class CheckpointAlignment {
  /**
   * Marks the unconfirmed events: gives them the id of the present transaction. Returns their
   * number and the common position: the snapshot, the floor and the id. All are read in one
   * statement, and therefore in one snapshot. The id is assigned after the snapshot was taken, so
   * the snapshot does not see the id. A reader that starts from this snapshot therefore reads the
   * marked events, and the events that are not committed yet.
   *
   * <p>If a checkpoint was written on a server that hashes aggregate ids differently, the shard of
   * an event cannot be computed. An event then counts as unconfirmed if the position of any such
   * checkpoint does not confirm it. The event may be published twice, but is never lost. If a
   * confirmed event has a transaction id that the snapshot does not see, the event was restored
   * from a dump. It gets the transaction id 1, which the snapshot sees.
   */
  private static final String MARK =
      """
      with base as (
        select case when $1 then (select coalesce(min(seq), 1) - 1 from %5$s)
                    else (select min(floor) from %2$s) end as floor
      ), event as (
        select seq, %3$s as waiting
        from %4$s, base
        where event.seq > base.floor
      ), marked as (
        update %1$s outbox
        set %6$s = case when waiting then pg_current_xact_id() else '1'::xid8 end
        from event
        where event.seq = outbox.%7$s
          and (waiting or not pg_visible_in_snapshot(outbox.%6$s, (select pg_current_snapshot())))
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
   * An SQL condition, true for events that were written after a restore but before the command
   * {@code rebase}. The checkpoint's snapshot comes from the old cluster, so it may see the
   * transaction id of an event that was written in the new cluster. The condition recognizes such
   * an event by its sequence number, which is above all confirmed ones. If the sequence was not
   * carried over, the number proves nothing. The event is then recognized by its transaction id: it
   * equals the row's {@code xmin}, which it does not for a restored row. This second test is used
   * only while the ids of the new cluster are below those of the checkpoint.
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
        select from %1$s
        where event.seq > (select min(floor) from %2$s) and %3$s
        limit $1) waiting
      """;

  /**
   * Sets all checkpoints to the common position, under a new epoch. The new epoch is above the
   * epochs of all shards. If a deleted shard is created again later, writes of its former owner
   * therefore keep failing.
   *
   * <p>Some checkpoints may hold a partial transaction, of which the log has delivered only the
   * first rows. If the checkpoint does not confirm that transaction, all of its rows are delivered
   * again. The rows that the account has already counted are therefore subtracted from the account.
   */
  private static final String MOVE =
      """
      with begun as (
        insert into %2$s as account (shard, range, events, digest)
        select shard, range, -sum(events), -sum(digest)
        from %1$s c, unnest(partial_ranges, partial_events, partial_digests)
          as delivered (range, events, digest)
        where %3$s
        group by shard, range
        on conflict (range, shard) do update
          set events = account.events + excluded.events, digest = account.digest + excluded.digest
      )
      update %1$s
      set settled = $1::text::pg_snapshot, top = $2, floor = $2,
          fence = ($3::text::bigint + 1)::text::xid8, open_window = null, position = null,
          partial_xid = null, partial_rows = null, partial_last = null,
          partial_ranges = '{}', partial_events = '{}', partial_digests = '{}',
          log_slot = null, log_publication = null, log_position = null,
          epoch = (select max(epoch) + 1 from %1$s), updated_at = now()
      """;

  private final SqlConnection connection;
  private final OutboxNames names;

  CheckpointAlignment(SqlConnection connection, OutboxNames names) {
    this.connection = connection;
    this.names = names;
  }

  /**
   * Sets all checkpoints to the common point and completes with the number of unconfirmed events.
   *
   * @param restored true if the outbox may hold transaction ids that this cluster has not given out
   *     yet
   */
  Future<Long> run(boolean restored) {
    return connection
        .preparedQuery(
            MARK.formatted(
                names.outbox(),
                names.checkpoint(),
                waits(restored),
                names.events("event"),
                names.events(),
                names.columns().sql(OutboxColumn.XID),
                names.columns().sql(OutboxColumn.SEQ)))
        .execute(Tuple.of(restored))
        .map(rows -> rows.iterator().next())
        .compose(marked -> move(marked).map(marked.getLong(0)));
  }

  /**
   * Completes with the number of events that {@link #run} would mark as unconfirmed; never more
   * than {@code most}, because the count ends there.
   */
  Future<Integer> waiting(int most) {
    return connection
        .preparedQuery(COUNT.formatted(names.events("event"), names.checkpoint(), waits(false)))
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
        .preparedQuery(
            MOVE.formatted(names.checkpoint(), names.account(), UnconfirmedEvents.countsPart("c")))
        .execute(Tuple.of(marked.getString(1), marked.getLong(2), marked.getString(3)));
  }
}

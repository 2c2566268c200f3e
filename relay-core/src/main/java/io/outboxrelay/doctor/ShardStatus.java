package io.outboxrelay.doctor;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.Share;
import io.outboxrelay.outbox.TrustedRole;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * How far one shard is, by its stored checkpoint.
 *
 * @param owner who led it last, and still does where {@code led}
 * @param checkpointAge since the checkpoint was last written
 * @param waiting committed events not yet confirmed, counted up to one above {@link #COUNTED}
 * @param oldest since the oldest of them was written
 */
public record ShardStatus(
    int shard,
    Optional<String> owner,
    boolean led,
    long epoch,
    Duration checkpointAge,
    int waiting,
    Optional<Duration> oldest) {

  /** A larger backlog is not counted to its end. */
  public static final int COUNTED = 10_000;

  private static final String STATUS =
      """
      select c.shard, c.owner, c.epoch,
             (extract(epoch from clock_timestamp() - c.updated_at) * 1000)::bigint,
             exists (select from pg_locks l
                     where l.locktype = 'advisory' and l.granted and l.objsubid = 2
                       and l.database = (select oid from pg_database where datname = current_database())
                       and l.classid::bigint = lease.class::bigint & 4294967295
                       and l.objid::bigint = lease.object + 2 * c.shard
                       and %5$s),
             waiting.events::int,
             (extract(epoch from clock_timestamp() - waiting.since) * 1000)::bigint
      from %1$s c
      cross join (values (%3$s)) as lease (class, object)
      cross join lateral (
        select count(*) as events, min(created_at) as since
        from (select created_at from %2$s
              where seq >= c.floor and %4$s = c.shard
                and not pg_visible_in_snapshot(xid, c.settled)
                and not (c.open_window is not null and seq <= c.position
                         and pg_visible_in_snapshot(xid, c.open_window))
              order by seq limit $1) unconfirmed) waiting
      order by c.shard
      """;

  /** The status of every shard. */
  public static Future<List<ShardStatus>> read(SqlClient database, OutboxNames names) {
    String query =
        STATUS.formatted(
            names.checkpoint(),
            names.outbox(),
            names.leaseLock(0),
            Share.shardOf("aggregate_id", "c.shards"),
            TrustedRole.holds("l.pid", names));
    return database
        .preparedQuery(query)
        .execute(Tuple.of(COUNTED + 1L))
        .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(ShardStatus::of).toList());
  }

  private static ShardStatus of(Row row) {
    return new ShardStatus(
        row.getInteger(0),
        Optional.ofNullable(row.getString(1)),
        row.getBoolean(4),
        row.getLong(2),
        Duration.ofMillis(row.getLong(3)),
        row.getInteger(5),
        Optional.ofNullable(duration(row.getLong(6))));
  }

  private static @Nullable Duration duration(@Nullable Long millis) {
    return millis == null ? null : Duration.ofMillis(millis);
  }
}

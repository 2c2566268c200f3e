package io.outboxrelay.status;

import io.outboxrelay.deadletter.DeadLetterState;
import io.outboxrelay.outbox.AdvisoryLocks;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.TrustedRole;
import io.outboxrelay.outbox.UnconfirmedEvents;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads the state of each shard from the database: the leading relay, the position and the backlog.
 * The status, the command {@code status}, the API and the metrics all use this one query.
 *
 * <p>A shard's leader is the relay with the session that holds the shard's lease. When a relay
 * takes over, it writes its name into the checkpoint. If that name was written before the session
 * of the lease began, the name belongs to an earlier leader and is not reported as the present one.
 */
public final class ShardStatusReader {
  /**
   * Selects one row for each shard. Ages are measured by {@code clock_timestamp()}. The start of
   * this transaction, {@code now()}, can be earlier than the time in a row.
   */
  private static final String READ =
      """
      select c.shard,
             case when lease.pid is null or lease.began is null or lease.began <= c.updated_at
                  then c.owner end,
             lease.pid is not null, c.epoch,
             (extract(epoch from clock_timestamp() - c.updated_at) * 1000)::bigint,
             coalesce(c.position, c.top), sequence.last_value, c.shards,
             waiting.events::bigint,
             (extract(epoch from clock_timestamp() - waiting.since) * 1000)::bigint,
             dead_letters.rejected::bigint, dead_letters.behind::bigint, dead_letters.parked::bigint
      from %1$s c
      cross join (select last_value from %5$s) sequence
      left join lateral (
        select l.pid, holder.backend_start as began
        from pg_locks l
        left join pg_stat_activity holder on holder.pid = l.pid
        where %4$s and l.granted and %9$s and %8$s
        limit 1
      ) lease on true
      cross join lateral (
        select count(*) as events, min(created_at) as since
        from (select created_at from %2$s
              where (lease.pid is null or c.shard = any ($1))
                and seq >= case when $3 then c.floor else coalesce(c.position, c.top) + 1 end
                and %6$s = c.shard
                and %7$s
              order by seq limit $2) unconfirmed
      ) waiting
      cross join lateral (
        select count(*) filter (where attempts > 0 and redelivery is null) as rejected,
               count(*) filter (where attempts = 0 and state = 'parked') as behind,
               count(distinct aggregate_id) filter (
                 where state = 'parked' and attempts > 0 and redelivery is null) as parked
        from (select attempts, redelivery, state, aggregate_id from %3$s
              where (lease.pid is null or c.shard = any ($1)) and %6$s = c.shard
                and %10$s
              limit $2) dead
      ) dead_letters
      order by c.shard
      """;

  private final String query;

  public ShardStatusReader(OutboxNames names) {
    this.query =
        READ.formatted(
            names.checkpoint(),
            names.events("event"),
            names.deadLetter(),
            AdvisoryLocks.areOf(names, "l"),
            names.sequence(),
            ShardKey.shardOf("aggregate_id", "c.shards"),
            UnconfirmedEvents.condition("event", "c"),
            TrustedRole.holds("l.pid", names),
            AdvisoryLocks.isLease("l", "c.shard"),
            DeadLetterState.LIVE);
  }

  /** Reads the state of every shard with all counts. */
  public Future<List<ShardRow>> readAll(SqlClient database) {
    return read(database, IntStream.range(0, ShardKey.MOST).boxed().toList(), true);
  }

  /**
   * Reads the state of every shard at a bounded cost. If a transaction with lower sequence numbers
   * commits late, it leaves unread events below the position. These events are not counted, because
   * after a long transaction the count would scan most of the table.
   *
   * @param counting the shards for which to count the backlog; it is always counted for shards
   *     without a leader
   */
  public Future<List<ShardRow>> watch(SqlClient database, Collection<Integer> counting) {
    return read(database, counting, false);
  }

  private Future<List<ShardRow>> read(
      SqlClient database, Collection<Integer> counting, boolean fromFloor) {
    return database
        .preparedQuery(query)
        .execute(Tuple.of(counting.toArray(Integer[]::new), WaitingEvents.COUNTED + 1L, fromFloor))
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(ShardStatusReader::of)
                    .toList());
  }

  private static ShardRow of(Row row) {
    var progress =
        new ShardRow.Progress(
            Duration.ofMillis(row.getLong(4)), row.getLong(5), row.getLong(6), row.getInteger(7));
    return new ShardRow(
        row.getInteger(0),
        new ShardRow.Ownership(
            Optional.ofNullable(row.getString(1)), row.getBoolean(2), row.getLong(3)),
        progress,
        WaitingEvents.counted(row.getLong(8), progress.most(), duration(row.getLong(9))),
        new ShardRow.ShardDeadLetters(row.getLong(10), row.getLong(11), row.getLong(12)));
  }

  private static Optional<Duration> duration(@Nullable Long millis) {
    return Optional.ofNullable(millis).map(Duration::ofMillis);
  }
}

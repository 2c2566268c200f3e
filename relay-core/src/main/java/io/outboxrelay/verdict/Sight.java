package io.outboxrelay.verdict;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.Share;
import io.outboxrelay.outbox.TrustedRole;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What the database shows of one shard, at the same cost however much waits.
 *
 * @param owner who led it last, and still does where {@code led}
 * @param checkpointAge since the checkpoint was last written, as it is while there is progress
 * @param position the sequence number up to which it is confirmed
 * @param last the sequence number given out last, for any shard
 * @param of how many shards there are
 * @param counted events that wait, counted up to a bound; without those of transactions that
 *     committed late, until they are read. None where they were not to be counted
 * @param oldest since the transaction of the oldest of these began
 * @param rejected dead letters that somebody must see to, counted up to a bound
 * @param behind dead letters that wait behind them or for their destination, the same
 * @param parked aggregates that wait for somebody, the same
 */
public record Sight(
    int shard,
    Optional<String> owner,
    boolean led,
    long epoch,
    Duration checkpointAge,
    long position,
    long last,
    int of,
    long counted,
    Optional<Duration> oldest,
    long rejected,
    long behind,
    long parked) {

  /** More are not counted one by one. */
  static final int COUNTED = 1_000;

  /**
   * Everything above the position that the settled snapshot does not see waits; what is below is
   * not looked at, as after a long transaction that would be most of the table. The clock is read
   * after the rows.
   */
  private static final String READ =
      """
      select c.shard, c.owner, lease.led, c.epoch,
             (extract(epoch from clock_timestamp() - c.updated_at) * 1000)::bigint,
             coalesce(c.position, c.top), sequence.last_value, c.shards,
             waiting.events::bigint,
             (extract(epoch from clock_timestamp() - waiting.since) * 1000)::bigint,
             letters.rejected::bigint, letters.behind::bigint, letters.parked::bigint
      from %1$s c
      cross join (select last_value from %5$s) sequence
      cross join lateral (
        select exists (
          select from pg_locks l
          where l.locktype = 'advisory' and l.granted and l.objsubid = 2
            and l.database = (select oid from pg_database where datname = current_database())
            and l.classid::bigint = %4$d & 4294967295 and l.objid::bigint = 2 * c.shard + 1
            and %7$s) as led
      ) lease
      cross join lateral (
        select count(*) as events, min(created_at) as since
        from (select created_at from %2$s
              where (not lease.led or c.shard = any ($1))
                and seq > coalesce(c.position, c.top) and %6$s = c.shard
                and not pg_visible_in_snapshot(xid, c.settled)
              order by seq limit $2) unconfirmed
      ) waiting
      cross join lateral (
        select count(*) filter (where attempts > 0 and redelivery is null) as rejected,
               count(*) filter (where attempts = 0 and state = 'parked') as behind,
               count(distinct aggregate_id) filter (
                 where state = 'parked' and attempts > 0 and redelivery is null) as parked
        from (select attempts, redelivery, state, aggregate_id from %3$s
              where (not lease.led or c.shard = any ($1)) and %6$s = c.shard
                and (redelivery is null or redelivery in ('requested', 'in_progress'))
              limit $2) dead
      ) letters
      order by c.shard
      """;

  /**
   * Sees every shard.
   *
   * @param counting of which shards to count what waits; it is always counted where nobody leads
   */
  public static Future<List<Sight>> read(
      SqlClient database, OutboxNames names, Collection<Integer> counting) {
    String query =
        READ.formatted(
            names.checkpoint(),
            names.outbox(),
            names.deadLetter(),
            (long) names.lockClass(),
            names.sequence(),
            Share.shardOf("aggregate_id", "c.shards"),
            TrustedRole.holds("l.pid", names));
    return database
        .preparedQuery(query)
        .execute(Tuple.of(counting.toArray(Integer[]::new), COUNTED + 1L))
        .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(Sight::of).toList());
  }

  private static Sight of(Row row) {
    return new Sight(
        row.getInteger(0),
        Optional.ofNullable(row.getString(1)),
        row.getBoolean(2),
        row.getLong(3),
        Duration.ofMillis(row.getLong(4)),
        row.getLong(5),
        row.getLong(6),
        row.getInteger(7),
        row.getLong(8),
        duration(row.getLong(9)),
        row.getLong(10),
        row.getLong(11),
        row.getLong(12));
  }

  private static Optional<Duration> duration(@Nullable Long millis) {
    return Optional.ofNullable(millis).map(Duration::ofMillis);
  }

  /** Whether more wait than were counted. */
  public boolean isMore() {
    return counted > COUNTED;
  }

  /** How many wait; beyond what was counted the most there can be, as sequences have gaps. */
  public long waiting() {
    return isMore() ? Math.max(counted, (last - position) / of) : counted;
  }
}

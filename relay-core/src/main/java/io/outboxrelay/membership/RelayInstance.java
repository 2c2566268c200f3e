package io.outboxrelay.membership;

import io.outboxrelay.outbox.AdvisoryLocks;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.TrustedRole;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * A running relay, as read from its advisory locks.
 *
 * @param number the random number in the relay's locks
 * @param name the relay's name; null if the relay owns no shard, because the name is stored in the
 *     row of an owned shard
 * @param address the address from which the relay connects; null if it connects through a Unix
 *     domain socket
 * @param shards the shards that the relay owns
 */
public record RelayInstance(
    int number,
    @Nullable String name,
    @Nullable String address,
    @Nullable OffsetDateTime connectedAt,
    List<Integer> shards) {

  /**
   * Selects a row for each running relay. Relay numbers and shards are decoded from the second key
   * of the advisory locks, see {@link OutboxNames}.
   */
  private static final String FIND =
      """
      with locks as (
        select pid, %4$s as object
        from pg_locks l
        where %1$s and l.granted
          and %3$s
      ), members as (
        select pid, ((-object - 4) / 2)::int as number from locks
        where object <= -4 and object %% 2 = 0
        union
        select pid, ((-object - 5) / 2)::int from locks where object <= -5 and object %% 2 <> 0
      ), leases as (
        select pid, ((object - 1) / 2)::int as shard from locks where object > 0 and object %% 2 = 1
      )
      select number, min(owner), min(host(client_addr)), min(backend_start),
             coalesce(array_agg(distinct leases.shard) filter (where leases.shard is not null), '{}')
      from members
      left join leases using (pid)
      left join pg_stat_activity using (pid)
      left join %2$s c on c.shard = leases.shard
      group by number
      order by min(backend_start)
      """;

  /** Completes with all running relays, in the order in which they connected. */
  public static Future<List<RelayInstance>> find(SqlClient database, OutboxNames names) {
    return database
        .preparedQuery(
            FIND.formatted(
                AdvisoryLocks.areOf(names, "l"),
                names.checkpoint(),
                TrustedRole.holds("l.pid", names),
                AdvisoryLocks.object("l")))
        .execute()
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(
                        row ->
                            new RelayInstance(
                                row.getInteger(0),
                                row.getString(1),
                                row.getString(2),
                                row.getOffsetDateTime(3),
                                List.of(row.getArrayOfIntegers(4))))
                    .toList());
  }
}

package io.outboxrelay.status;

import io.outboxrelay.outbox.AdvisoryLocks;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.TrustedRole;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;

/** Reads from the database which connections of relays wait for locks that other sessions hold. */
final class LockWaitReader {
  private static final String READ =
      """
      select holder.pid, coalesce(holder.application_name, ''),
             (extract(epoch from clock_timestamp() - waiting.query_start) * 1000)::bigint as age
      from pg_locks lock
      join pg_stat_activity waiting on waiting.pid = lock.pid
      cross join lateral unnest(pg_blocking_pids(waiting.pid)) as blocking (pid)
      join pg_stat_activity holder on holder.pid = blocking.pid
      where not lock.granted
        and lock.database = (select oid from pg_database where datname = current_database())
        and lock.relation = any (array[to_regclass($1), to_regclass($2), to_regclass($3)]::oid[])
        and (waiting.application_name like 'outbox-relay%%'
             or exists (select from pg_locks lease
                        where lease.pid = waiting.pid and lease.granted and %3$s))
        and %1$s
        and not (holder.application_name like 'outbox-relay%%' and %2$s)
        and waiting.query_start < clock_timestamp() - interval '1 second'
      order by age desc
      limit 5
      """;

  private final OutboxNames names;
  private final String query;

  LockWaitReader(OutboxNames names) {
    this.names = names;
    this.query =
        READ.formatted(
            TrustedRole.holds("waiting.pid", names),
            TrustedRole.holds("holder.pid", names),
            AdvisoryLocks.areOf(names, "lease"));
  }

  /**
   * Completes with the relays' connections that have waited for a second or more, the longest wait
   * first.
   */
  Future<List<LockWait>> read(SqlClient database) {
    return database
        .preparedQuery(query)
        .execute(Tuple.of(names.outbox(), names.checkpoint(), names.deadLetter()))
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(
                        row ->
                            new LockWait(
                                row.getInteger(0),
                                row.getString(1),
                                Duration.ofMillis(row.getLong(2))))
                    .toList());
  }
}

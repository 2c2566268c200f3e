package io.outboxrelay.outbox;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;

/** Names the sessions that block a change of the outbox. */
public final class LockHolders {
  private static final String FIND =
      """
      select l.pid, coalesce(a.usename, a.backend_type, 'unknown'),
             coalesce(nullif(a.application_name, ''), a.backend_type, ''),
             (extract(epoch from clock_timestamp() - min(a.xact_start)))::bigint
      from pg_locks l
      left join pg_stat_activity a on a.pid = l.pid
      where l.granted and l.pid is distinct from pg_backend_pid()
        and l.database = (select oid from pg_database where datname = current_database())
        and (l.relation = any (array[to_regclass($1), to_regclass($2), to_regclass($3)]::oid[])
               and l.mode <> 'AccessShareLock'
             or %1$s and (%2$s or %3$s))
      group by 1, 2, 3, a.xact_start
      order by a.xact_start nulls last
      limit 3
      """;

  private LockHolders() {}

  /**
   * Completes with a list of the blocking sessions, such as {@code pid 4711 (role app, psql), …},
   * with the age of each transaction. If all of these transactions have ended meanwhile, the text
   * says that.
   */
  public static Future<String> describe(SqlClient database, OutboxNames names) {
    return database
        .preparedQuery(
            FIND.formatted(
                AdvisoryLocks.areOf(names, "l"),
                AdvisoryLocks.isInit("l"),
                AdvisoryLocks.isCall("l")))
        .execute(Tuple.of(names.outbox(), names.checkpoint(), names.deadLetter()))
        .map(
            rows -> {
              List<String> holders = new ArrayList<>();
              rows.forEach(row -> holders.add(described(row)));
              return holders.isEmpty()
                  ? "a session that has ended meanwhile"
                  : String.join(", ", holders);
            });
  }

  private static String described(Row row) {
    Integer pid = row.getInteger(0);
    if (pid == null) {
      return "a prepared transaction (see pg_prepared_xacts)";
    }
    Long age = row.getLong(3);
    return "pid %d (role %s, %s)%s"
        .formatted(
            pid,
            row.getString(1),
            row.getString(2),
            // The age is null if the current role may not read the activity of other roles.
            age == null ? "" : ", with a transaction that began " + age + " s ago");
  }
}

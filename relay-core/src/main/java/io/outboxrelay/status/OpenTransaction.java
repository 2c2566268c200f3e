package io.outboxrelay.status;

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
 * A transaction that has written something and has been open for long. What it wrote to the outbox
 * is published once it commits; everything else goes on, but nothing that came after its beginning
 * is cleaned up.
 *
 * @param pid of its server process; 0 where it is prepared and has none
 * @param xid its id
 * @param application what its connection calls itself, or its name where it is prepared
 * @param state such as {@code idle in transaction}; empty where the relay's role may not see it
 * @param age since it began; empty where the relay's role may not see it
 */
public record OpenTransaction(
    int pid, String xid, String application, String state, Optional<Duration> age) {
  /** A younger one is no news. */
  public static final Duration LONG = Duration.ofSeconds(10);

  private static final int MOST = 5;

  /** Transaction ids are the cluster's, so those of other databases count as well. */
  private static final String READ =
      """
      select pid, backend_xid::text, coalesce(application_name, ''), coalesce(state, ''),
             (extract(epoch from clock_timestamp() - xact_start) * 1000)::bigint as age
      from pg_stat_activity
      where backend_xid is not null and pid <> pg_backend_pid()
        and application_name not like 'outbox-relay%'
        and (xact_start is null or xact_start < clock_timestamp() - $1 * interval '1 ms')
      union all
      select 0, transaction::text, gid, 'prepared',
             (extract(epoch from clock_timestamp() - prepared) * 1000)::bigint
      from pg_prepared_xacts
      where prepared < clock_timestamp() - $1 * interval '1 ms'
      order by age desc nulls last
      limit $2
      """;

  /** Those older than {@link #LONG}, the oldest first, and of those whose age is hidden all. */
  public static Future<List<OpenTransaction>> read(SqlClient database) {
    return database
        .preparedQuery(READ)
        .execute(Tuple.of(LONG.toMillis(), MOST))
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false).map(OpenTransaction::of).toList());
  }

  private static OpenTransaction of(Row row) {
    return new OpenTransaction(
        row.getInteger(0),
        row.getString(1),
        row.getString(2),
        row.getString(3),
        duration(row.getLong(4)));
  }

  private static Optional<Duration> duration(@Nullable Long millis) {
    return Optional.ofNullable(millis).map(Duration::ofMillis);
  }

  /** The same, open for {@code seen} at least. */
  public OpenTransaction agedAtLeast(Duration seen) {
    return age.isPresent()
        ? this
        : new OpenTransaction(pid, xid, application, state, Optional.of(seen));
  }

  /** Such as {@code the transaction of pid 4711 (psql, idle in transaction)}. */
  String named() {
    if (pid == 0) {
      return "the prepared transaction " + application;
    }
    String told =
        String.join(
            ", ", List.of(application, state).stream().filter(word -> !word.isEmpty()).toList());
    return "the transaction of pid " + pid + (told.isEmpty() ? "" : " (" + told + ")");
  }
}

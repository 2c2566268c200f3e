package io.outboxrelay.status;

import io.outboxrelay.outbox.OutboxNames;
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
 * A transaction that has a transaction id and has been open for long. Its events are published when
 * it commits. Other events are published meanwhile, but events that came after its beginning are
 * not cleaned up.
 *
 * @param pid the server process; 0 if the transaction is prepared
 * @param xid the transaction id
 * @param application the application name of its connection, or the name of a prepared transaction
 * @param state such as {@code idle in transaction}; empty if the relay's role may not see it
 * @param age since its beginning; empty if the relay's role may not see it
 */
public record OpenTransaction(
    int pid, String xid, String application, String state, Optional<Duration> age) {
  /** A transaction younger than this is not reported. */
  public static final Duration LONG = Duration.ofSeconds(10);

  private static final int MOST = 5;

  /**
   * Transaction ids belong to the cluster, so transactions in other databases count as well. Every
   * session can choose its application name, so the name alone does not make it a relay.
   */
  private static final String READ =
      """
      select pid, backend_xid::text, coalesce(application_name, ''), coalesce(state, ''),
             (extract(epoch from clock_timestamp() - xact_start) * 1000)::bigint as age
      from pg_stat_activity
      where backend_xid is not null and pid <> pg_backend_pid()
        and not (application_name like 'outbox-relay%%' and %1$s)
        and (xact_start is null or xact_start < clock_timestamp() - $1 * interval '1 ms')
      union all
      select 0, transaction::text, gid, 'prepared',
             (extract(epoch from clock_timestamp() - prepared) * 1000)::bigint
      from pg_prepared_xacts
      where prepared < clock_timestamp() - $1 * interval '1 ms'
      order by age desc nulls last
      limit $2
      """;

  /**
   * Completes with transactions older than {@link #LONG}, the oldest first, and with transactions
   * of an unknown age.
   */
  public static Future<List<OpenTransaction>> read(SqlClient database, OutboxNames names) {
    return database
        .preparedQuery(READ.formatted(TrustedRole.holds("pid", names)))
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

  /** Returns this transaction with the age {@code seen} if its age is not known. */
  public OpenTransaction agedAtLeast(Duration seen) {
    return age.isPresent()
        ? this
        : new OpenTransaction(pid, xid, application, state, Optional.of(seen));
  }

  /** Returns a name such as {@code the transaction of pid 4711 (psql, idle in transaction)}. */
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

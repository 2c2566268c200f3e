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

/** Reads from the database which transactions have been open for long. */
public final class OpenTransactionReader {
  private static final int MOST = 5;

  /**
   * Finds transactions with an id, except the relays' own. Transaction ids belong to the cluster,
   * so transactions in other databases count as well. Every session can choose its application
   * name, so a session counts as a relay only if its role is trusted too.
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

  private final String query;

  public OpenTransactionReader(OutboxNames names) {
    this.query = READ.formatted(TrustedRole.holds("pid", names));
  }

  /**
   * Completes with at most five transactions that have an id and are not the relays' own: those
   * older than {@link OpenTransaction#LONG}, the oldest first, and then those of unknown age.
   */
  public Future<List<OpenTransaction>> read(SqlClient database) {
    return database
        .preparedQuery(query)
        .execute(Tuple.of(OpenTransaction.LONG.toMillis(), MOST))
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(OpenTransactionReader::of)
                    .toList());
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
}

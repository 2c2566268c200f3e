package io.outboxrelay.eventstatus;

import io.outboxrelay.deadletter.DeadLetterState;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShownContent;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the events that are still in the outbox or the dead letters, the latest first.
 *
 * <p>The search goes from the latest event to earlier ones, because the other columns of a filter
 * have no index. If few events match, the search reads most of the outbox. It fails after ten
 * seconds.
 */
public final class RecentEvents {
  private static final String BOUND = "set local statement_timeout = '10s'";

  private static final String FIND =
      """
      select seq from (
        (select seq from %1$s where %3$s order by seq desc limit $7)
        union
        (select seq from %2$s dead_letter
         where %3$s and %4$s
         order by seq desc limit $7)
      ) found
      order by seq desc
      limit $7
      """;

  private static final String CONTENT =
      """
      select %3$s, false from %1$s where seq = $1
      union all
      select %3$s, true from %2$s where seq = $1
      limit 1
      """;

  private final SqlConnection connection;
  private final OutboxNames names;

  public RecentEvents(SqlConnection connection, OutboxNames names) {
    this.connection = connection;
    this.names = names;
  }

  /** Completes with the status of the latest events that match a filter. */
  public Future<List<EventStatus>> find(EventFilter filter, int most) {
    return seqs(filter, most)
        .compose(
            seqs ->
                seqs.isEmpty()
                    ? Future.succeededFuture(List.of())
                    : new EventStatusQuery(connection, names).ofSeqs(seqs));
  }

  private Future<List<Long>> seqs(EventFilter filter, int most) {
    String query =
        FIND.formatted(
            names.events(),
            names.deadLetter(),
            EventFilter.CONDITION,
            DeadLetterState.live("dead_letter"));
    return connection
        .begin()
        .compose(
            transaction ->
                connection
                    .query(BOUND)
                    .execute()
                    .compose(
                        bound ->
                            connection
                                .preparedQuery(query)
                                .execute(filter.values().addInteger(most)))
                    .eventually(transaction::rollback))
        .map(
            rows -> {
              var seqs = new ArrayList<Long>();
              rows.forEach(row -> seqs.add(row.getLong(0)));
              return seqs;
            });
  }

  /** Completes with the headers and the payload of an event; empty if retention has removed it. */
  public Future<Optional<ShownContent>> content(long seq) {
    return OutboxTable.payloadType(connection, names)
        .compose(
            type ->
                connection
                    .preparedQuery(
                        CONTENT.formatted(
                            names.events(), names.deadLetter(), ShownContent.columns("", type)))
                    .execute(Tuple.of(seq))
                    .map(
                        rows ->
                            rows.size() == 0
                                ? Optional.empty()
                                : Optional.of(content(rows.iterator().next(), seq, type))));
  }

  private ShownContent content(Row row, long seq, PayloadType type) {
    String table = row.getBoolean(ShownContent.COLUMNS) ? names.deadLetter() : names.events();
    return ShownContent.of(row, 0, new ShownContent.Source(table, seq, type));
  }
}

package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.Share;
import io.outboxrelay.outbox.UnconfirmedEvents;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What stood in the dead letters when a term of ownership began.
 *
 * @param parked the aggregates whose events go to the dead letters; safe for all threads, changed
 *     as aggregates are parked and come back
 * @param known events that will be read again, as no checkpoint has passed them, and that are the
 *     dead letters' business already: waiting there, or sent or discarded from there
 */
public record Buried(Set<String> parked, Set<Long> known) {
  private static final String PARKED =
      """
      select distinct aggregate_id from %1$s
      where state = 'parked' and aggregate_id is not null
        and (redelivery is null or redelivery in ('requested', 'in_progress'))
        and (%2$s)
      """;

  /** Looks each letter up in the outbox: a backlog may hold many more events than are letters. */
  private static final String KNOWN =
      """
      select letter.seq
      from %1$s letter
      join %3$s c on c.shard = $1 and letter.seq >= c.floor
      cross join lateral (
        select from %4$s event
        where event.seq = letter.seq
          and %5$s
        offset 0) unsettled
      where (%2$s)
      """;

  /** Nothing. */
  public static Buried none() {
    return new Buried(ConcurrentHashMap.newKeySet(), Set.of());
  }

  /** Reads what stands there, for the new owner of {@code share}. */
  public static Future<Buried> read(SqlClient database, OutboxNames names, Share share) {
    String mine = share.mine();
    return database
        .query(PARKED.formatted(names.deadLetter(), mine))
        .execute()
        .map(rows -> collected(rows, ConcurrentHashMap.newKeySet(), row -> row.getString(0)))
        .compose(
            parked ->
                database
                    .preparedQuery(
                        KNOWN.formatted(
                            names.deadLetter(),
                            mine,
                            names.checkpoint(),
                            names.outbox(),
                            UnconfirmedEvents.condition("event", "c")))
                    .execute(Tuple.of(share.shard()))
                    .map(rows -> collected(rows, new HashSet<>(), row -> row.getLong(0)))
                    .map(known -> new Buried(parked, known)));
  }

  private static <T> Set<T> collected(RowSet<Row> rows, Set<T> into, Function<Row, T> column) {
    rows.forEach(row -> into.add(column.apply(row)));
    return into;
  }

  /** Whether the event is the dead letters' business already. */
  public boolean knows(long seq) {
    return !known.isEmpty() && known.contains(seq);
  }

  /** Whether the aggregate's events go to the dead letters. */
  public boolean isParked(String aggregateId) {
    return !parked.isEmpty() && parked.contains(aggregateId);
  }
}

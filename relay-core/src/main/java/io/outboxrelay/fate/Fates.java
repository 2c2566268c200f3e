package io.outboxrelay.fate;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.Share;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Finds events in the outbox and the dead letters, and says what became of them.
 *
 * <p>Only sequence numbers have an index: writers are not to pay for searches. What is looked for
 * otherwise is found by reading, and given up where that takes long.
 */
public final class Fates {
  /** A search is not to read a large outbox for minutes. */
  private static final String BOUND = "set local statement_timeout = '10s'";

  private static final String FIND =
      """
      with found as (
        (select seq, id::text, aggregate_type, aggregate_id, event_type, created_at, xid
         from %1$s where %4$s order by seq desc limit $2)
        union all
        (select seq, id::text, aggregate_type, aggregate_id, event_type, created_at, null
         from %2$s letter
         where %4$s and (redelivery is null or redelivery in ('requested', 'in_progress'))
           and not exists (select from %1$s event where event.seq = letter.seq)
         order by seq desc limit $2)
      )
      select found.seq, found.id, found.aggregate_type, found.aggregate_id, found.event_type,
             found.created_at, letter.state, letter.redelivery, letter.attempts, letter.reason,
             found.xid is not null and exists (
               select from %3$s c
               where c.shard = %5$s and found.seq >= c.floor
                 and not pg_visible_in_snapshot(found.xid, c.settled)
                 and not (c.open_window is not null and found.seq <= c.position
                          and pg_visible_in_snapshot(found.xid, c.open_window)))
      from found
      left join %2$s letter on letter.seq = found.seq
      order by found.seq desc
      limit $2
      """;

  private final SqlConnection connection;
  private final OutboxNames names;

  public Fates(SqlConnection connection, OutboxNames names) {
    this.connection = connection;
    this.names = names;
  }

  public Future<List<Fate>> ofSeq(long seq, int most) {
    return find("seq = $1", seq, most);
  }

  public Future<List<Fate>> ofId(UUID id, int most) {
    return find("id = $1", id, most);
  }

  /** The latest events of an aggregate, the latest first. */
  public Future<List<Fate>> ofAggregate(String aggregateId, int most) {
    return find("aggregate_id = $1", aggregateId, most);
  }

  private Future<List<Fate>> find(String condition, Object value, int most) {
    String query =
        FIND.formatted(
            names.outbox(),
            names.deadLetter(),
            names.checkpoint(),
            condition,
            Share.shardOf("found.aggregate_id", "c.shards"));
    return connection
        .begin()
        .compose(
            transaction ->
                connection
                    .query(BOUND)
                    .execute()
                    .compose(
                        bound -> connection.preparedQuery(query).execute(Tuple.of(value, most)))
                    .eventually(transaction::rollback))
        .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(Fates::fate).toList());
  }

  private static Fate fate(Row row) {
    String state = row.getString(6);
    String redelivery = row.getString(7);
    Integer attempts = row.getInteger(8);
    boolean waits = row.getBoolean(10);
    return state == null || "done".equals(redelivery)
        ? waits && state == null
            ? of(row, "waiting", "it waits to be published")
            : of(
                row,
                "published",
                "the relay is done with it: the broker has confirmed it, unless an operator gave it"
                    + " up (see the audit)")
        : ofLetter(row, state, redelivery, attempts == null ? 0 : attempts);
  }

  private static Fate ofLetter(Row row, String state, @Nullable String redelivery, int attempts) {
    String reason = String.valueOf(row.getString(9));
    if ("discarded".equals(redelivery)) {
      return of(row, "discarded", "an operator gave it up: " + reason);
    }
    String back = redelivery == null ? "" : "; it is on its way back";
    return state.equals("parked") && attempts == 0
        ? of(row, "parked", reason + back)
        : of(row, "rejected", "it was not accepted: " + reason + back);
  }

  private static Fate of(Row row, String end, String sentence) {
    return new Fate(
        row.getLong(0),
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getOffsetDateTime(5),
        end,
        sentence);
  }
}

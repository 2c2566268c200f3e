package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShownValue;
import io.outboxrelay.outbox.UnreadableRow;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.HashMap;
import java.util.List;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The queries of operators on dead letters: list, count, show, and the parked aggregates. They need
 * only a connection to the database, and change nothing.
 */
public final class DeadLetterQueries {
  /**
   * The maximum number of dead letters that {@link #stats()} counts. It is small, because {@link
   * #stats()} may be called every second.
   */
  public static final int COUNTED = 1_000;

  /**
   * The maximum number of dead letters that are counted for a listing. Counting so many takes about
   * a third of a second.
   */
  public static final int LISTED = 100_000;

  private static final String LIST =
      """
      select %1$s from %2$s dead_letter
      where %3$s
      order by dead_letter.seq
      limit $10
      """;

  private static final String PAGE =
      """
      select %1$s from %2$s dead_letter
      where %3$s and dead_letter.seq > $10 and ($11::text is null or $11 = %4$s)
      order by dead_letter.seq
      limit $12
      """;

  /** Finds parked aggregates by their heads, through the index of aggregates. */
  private static final String PARKED =
      """
      select head.aggregate_id, %5$s, head.reason, head.dead_lettered_at, head.attempts,
             head.destination, head.redelivery is not null, head.seq,
             (select count(*) from %1$s dead_letter
              where dead_letter.aggregate_id = head.aggregate_id and dead_letter.seq > head.seq
                and dead_letter.state = 'parked' and %2$s)
      from %1$s head
      where head.state = 'parked' and head.seq > $1 and head.aggregate_id is not null
        and head.attempts > 0 and %3$s
        and not exists (
          select from %1$s earlier
          where earlier.aggregate_id = head.aggregate_id and earlier.seq < head.seq
            and earlier.state = 'parked' and %4$s)
      order by head.seq
      limit $2
      """;

  /**
   * SQL expressions that count dead letters by state. The state of an event that was not rejected
   * depends on the head of its aggregate, so the head is looked up once for each aggregate. The
   * collation "C" distinguishes aggregates as well as any other and is much cheaper.
   */
  private static final String COUNTS =
      """
      count(*) filter (where rejected),
      count(*) filter (where not rejected and aggregate.state in ('blocked', 'waiting')),
      count(*) filter (where not rejected and aggregate.state = 'deferred'),
      count(*) filter (where not rejected and aggregate.state = 'paused'),
      count(distinct dead_letter.aggregate_id collate "C") filter (
        where dead_letter.state = 'parked' and aggregate.state = 'blocked')\
      """;

  private static final String AGGREGATES =
      """
      left join (
        select aggregate_id, %1$s as state
        from (select distinct aggregate_id from dead_letter where state = 'parked') parked) aggregate
      on dead_letter.state = 'parked' and aggregate.aggregate_id = dead_letter.aggregate_id
      """;

  private static final String STATS =
      """
      with dead_letter as materialized (
        select dead_letter.*, %4$s as rejected
        from (select redelivery, attempts, state, aggregate_id, tried_at, dead_lettered_at
              from %1$s dead_letter
              where %5$s
              order by seq limit $1) dead_letter
      )
      select %2$s,
             count(*) filter (where rejected and redelivery is not null),
             min(coalesce(tried_at, dead_lettered_at)),
             count(*)
      from dead_letter %3$s
      """;

  private static final String COUNT =
      """
      with dead_letter as materialized (
        select dead_letter.aggregate_id, dead_letter.state, %4$s as rejected
        from %1$s dead_letter where %5$s
      )
      select %2$s
      from dead_letter %3$s
      """;

  private static final String SHOW =
      """
      select %1$s,
             (select count(*) from %2$s earlier
              where earlier.aggregate_id = dead_letter.aggregate_id and earlier.seq < dead_letter.seq
                and dead_letter.state = 'parked' and earlier.state = 'parked' and %4$s),
             (select count(*) from %2$s later
              where later.aggregate_id = dead_letter.aggregate_id and later.seq > dead_letter.seq
                and dead_letter.state = 'parked' and later.state = 'parked' and %5$s),
             dead_letter.xmin::text
      from %2$s dead_letter
      where %3$s
      """;

  private static final String EVENT = "select %s from %s where seq = $1";

  private final SqlConnection connection;
  private final OutboxNames names;

  public DeadLetterQueries(SqlConnection connection, OutboxNames names) {
    this.connection = connection;
    this.names = names;
  }

  /** Completes with dead letters in the order of their events, at most {@code most}. */
  public Future<List<DeadLetterSummary>> list(DeadLetterFilter selection, int most) {
    return connection
        .preparedQuery(
            LIST.formatted(
                DeadLetterSummary.columns(names),
                names.deadLetter(),
                DeadLetterFilter.condition(names)))
        .execute(selection.values().addInteger(most))
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(DeadLetterSummary::of)
                    .toList());
  }

  /**
   * Completes with a page of dead letters in the order of their events.
   *
   * @param state one of the states of {@link DeadLetterState}; null for any
   * @param after returns only dead letters with a higher sequence number
   */
  public Future<List<DeadLetterSummary>> page(
      DeadLetterFilter selection, @Nullable String state, long after, int most) {
    var values = selection.values().addLong(after);
    values.addValue(state).addInteger(most);
    return connection
        .preparedQuery(
            PAGE.formatted(
                DeadLetterSummary.columns(names),
                names.deadLetter(),
                DeadLetterFilter.condition(names),
                DeadLetterState.of(names)))
        .execute(values)
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false)
                    .map(DeadLetterSummary::of)
                    .toList());
  }

  /**
   * Completes with parked aggregates, in the order of their heads.
   *
   * @param after returns only aggregates with a head above this sequence number
   */
  public Future<List<ParkedAggregate>> parked(long after, int most) {
    return connection
        .preparedQuery(
            PARKED.formatted(
                names.deadLetter(),
                DeadLetterState.live("dead_letter"),
                DeadLetterState.live("head"),
                DeadLetterState.live("earlier"),
                ShownValue.line("head.aggregate_type")))
        .execute(Tuple.of(after, most))
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false).map(ParkedAggregate::of).toList());
  }

  /** Completes with the statistics of the first {@link #COUNTED} dead letters. */
  public Future<DeadLetterStats> stats() {
    return stats(COUNTED);
  }

  /** Completes with the statistics of the first {@code most} dead letters. */
  public Future<DeadLetterStats> stats(int most) {
    return connection
        .preparedQuery(
            STATS.formatted(
                names.deadLetter(),
                COUNTS,
                aggregates(),
                DeadLetterState.REJECTED,
                DeadLetterState.live("dead_letter")))
        .execute(Tuple.of(most + 1L))
        .map(rows -> rows.iterator().next())
        .map(
            row ->
                new DeadLetterStats(
                    DeadLetterCounts.of(row),
                    row.getLong(5),
                    row.getOffsetDateTime(6),
                    row.getLong(7) > most));
  }

  private String aggregates() {
    return AGGREGATES.formatted(DeadLetterState.ofFollowers(names, "parked.aggregate_id"));
  }

  /** Completes with the number of selected dead letters of each kind. */
  public Future<DeadLetterCounts> count(DeadLetterFilter selection) {
    return connection
        .preparedQuery(
            COUNT.formatted(
                names.deadLetter(),
                COUNTS,
                aggregates(),
                DeadLetterState.REJECTED,
                DeadLetterFilter.condition(names)))
        .execute(selection.values())
        .map(rows -> DeadLetterCounts.of(rows.iterator().next()));
  }

  /**
   * Completes with the details of one dead letter; fails with {@link OperationRefusedException} if
   * there is none.
   */
  public Future<DeadLetterDetails> show(long seq) {
    return payloadType().compose(type -> show(seq, type));
  }

  private Future<DeadLetterDetails> show(long seq, PayloadType type) {
    String sql =
        SHOW.formatted(
            StoredDeadLetter.columns(names, type),
            names.deadLetter(),
            DeadLetterFilter.condition(names),
            DeadLetterState.live("earlier"),
            DeadLetterState.live("later"));
    return connection
        .preparedQuery(sql)
        .execute(DeadLetterFilter.of(seq).values())
        .compose(
            rows ->
                rows.size() == 0
                    ? MissingDeadLetters.notShown(seq)
                    : shown(rows.iterator().next(), type));
  }

  private Future<DeadLetterDetails> shown(Row row, PayloadType type) {
    var stored = StoredDeadLetter.of(row, names, type);
    return defect(stored).map(defect -> shown(row, stored, defect));
  }

  private static DeadLetterDetails shown(Row row, StoredDeadLetter stored, String defect) {
    return new DeadLetterDetails(
        stored,
        row.getLong(StoredDeadLetter.COLUMNS),
        row.getLong(StoredDeadLetter.COLUMNS + 1),
        row.getString(StoredDeadLetter.COLUMNS + 2),
        defect.isEmpty() ? null : defect);
  }

  /**
   * Completes with the reason why a dead letter cannot become a message; empty if it can. Does not
   * read the payload, nor headers that are too large to be shown: if the defect is in one of these,
   * the stored reason describes it.
   */
  private Future<String> defect(StoredDeadLetter stored) {
    long seq = stored.listed().seq();
    var all = new EventColumns(stored.content().source().type());
    var columns = stored.content().headers().isIncomplete() ? all.withoutContent() : all;
    return connection
        .preparedQuery(EVENT.formatted(columns.selectWithoutPayload(), names.deadLetter()))
        .execute(Tuple.of(seq))
        .map(
            rows -> {
              var defects = new HashMap<Long, String>();
              rows.forEach(row -> columns.event(row, defects::putIfAbsent));
              return defects.getOrDefault(seq, "");
            })
        .recover(
            failure ->
                UnreadableRow.canBeCauseOf(failure)
                    ? Future.succeededFuture(UnreadableRow.reason(failure))
                    : Future.failedFuture(failure));
  }

  private Future<PayloadType> payloadType() {
    return OutboxTable.payloadType(connection, names);
  }
}

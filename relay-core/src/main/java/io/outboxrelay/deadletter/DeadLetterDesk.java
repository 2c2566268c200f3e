package io.outboxrelay.deadletter;

import io.outboxrelay.audit.Actor;
import io.outboxrelay.audit.AuditLog;
import io.outboxrelay.doorbell.NotificationListener;
import io.outboxrelay.doorbell.NotificationSender;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.PayloadType;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The commands and queries of operators on dead letters: list, show, retry, discard, edit.
 *
 * <p>Works on the database alone, from any machine: it changes the table and notifies the leading
 * relay. If two operators, or an operator and the relay, change the same dead letter at once, one
 * of them comes first and the other gets an error.
 */
public final class DeadLetterDesk {
  /**
   * The most dead letters that {@link #standing()} counts, because it may be asked every second.
   */
  public static final int COUNTED = 1_000;

  /** The most dead letters that are counted for a listing; that takes about a third of a second. */
  public static final int LISTED = 100_000;

  private static final String LIST =
      """
      select %1$s from %2$s letter
      where %3$s
      order by letter.seq
      limit $10
      """;

  private static final String PAGE =
      """
      select %1$s from %2$s letter
      where %3$s and letter.seq > $10 and ($11::text is null or $11 = %4$s)
      order by letter.seq
      limit $12
      """;

  /** Finds parked aggregates by their heads, through the index of aggregates. */
  private static final String PARKED =
      """
      select head.aggregate_id, head.aggregate_type, head.reason, head.buried_at, head.attempts,
             head.destination, head.redelivery is not null, head.seq,
             (select count(*) from %1$s letter
              where letter.aggregate_id = head.aggregate_id and letter.seq > head.seq
                and letter.state = 'parked' and %2$s)
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
   * Counts by state. The state of an event that was not rejected depends on the head of its
   * aggregate, which is looked up once for each aggregate. The collation "C" is enough to tell
   * aggregates apart, and much cheaper.
   */
  private static final String COUNTS =
      """
      count(*) filter (where rejected),
      count(*) filter (where not rejected and aggregate.state in ('blocked', 'waiting')),
      count(*) filter (where not rejected and aggregate.state = 'deferred'),
      count(*) filter (where not rejected and aggregate.state = 'paused'),
      count(distinct letter.aggregate_id collate "C") filter (
        where letter.state = 'parked' and aggregate.state = 'blocked')\
      """;

  private static final String AGGREGATES =
      """
      left join (
        select aggregate_id, %1$s as state
        from (select distinct aggregate_id from letter where state = 'parked') parked) aggregate
      on letter.state = 'parked' and aggregate.aggregate_id = letter.aggregate_id
      """;

  private static final String STANDING =
      """
      with letter as materialized (
        select letter.*, %4$s as rejected
        from (select redelivery, attempts, state, aggregate_id, tried_at, buried_at
              from %1$s letter
              where %5$s
              order by seq limit $1) letter
      )
      select %2$s,
             count(*) filter (where rejected and redelivery is not null),
             min(coalesce(tried_at, buried_at)),
             count(*)
      from letter %3$s
      """;

  private static final String COUNT =
      """
      with letter as materialized (
        select letter.aggregate_id, letter.state, %4$s as rejected
        from %1$s letter where %5$s
      )
      select %2$s
      from letter %3$s
      """;

  private static final String SHOW =
      """
      select %1$s, letter.id::text, letter.created_at, letter.buried_at,
             (select count(*) from %2$s earlier
              where earlier.aggregate_id = letter.aggregate_id and earlier.seq < letter.seq
                and letter.state = 'parked' and earlier.state = 'parked' and %4$s),
             letter.headers::text, letter.payload::text,
             (select count(*) from %2$s later
              where later.aggregate_id = letter.aggregate_id and later.seq > letter.seq
                and letter.state = 'parked' and later.state = 'parked' and %5$s),
             letter.xmin::text
      from %2$s letter
      where %3$s
      """;

  private static final String EVENT = "select %s from %s where seq = $1";

  /** Retries a parked aggregate as a whole, from its head on. */
  private static final String RETRY =
      """
      with chosen as (
        select letter.seq, letter.state, letter.aggregate_id from %1$s letter where %2$s
      ), heads as (
        select seq from chosen where state = 'skipped'
        union
        select (select head.seq from %1$s head
                where head.aggregate_id = parked.aggregate_id and head.state = 'parked' and %5$s
                order by head.seq limit 1)
        from (select distinct aggregate_id from chosen where state = 'parked') parked
      ), asked as (
        update %1$s letter set redelivery = 'requested'
        where letter.seq in (select seq from heads) and letter.redelivery is null
        returning letter.seq, letter.state, letter.aggregate_id
      )
      select (select count(*) from chosen), (select count(*) from asked), 0::bigint, 0::bigint,
             (select count(*) from asked join %1$s later
              on later.aggregate_id = asked.aggregate_id and later.seq > asked.seq
              where asked.state = 'parked' and later.state = 'parked' and %6$s),
             0::bigint,
             (select count(*) from heads) - (select count(*) from asked),
             (select coalesce(array_agg(seq), '{}') from (
                select seq from heads where seq not in (select seq from asked)
                order by seq limit %3$d) busy)
      """;

  /**
   * The note of a discarded event outlives the dead letter, so that the event is never taken for a
   * published one. A dead letter with a requested redelivery can be discarded only if it was never
   * rejected: then it is deferred, and the relay itself requested the redelivery. The first
   * rejected event that remains of an aggregate limits which of the events behind a discarded one
   * are published.
   */
  private static final String DISCARD =
      """
      with chosen as (
        select letter.seq, %4$s as kind from %1$s letter where %2$s
      ), gone as (
        update %1$s letter
        set redelivery = case letter.state when 'parked' then 'discarded' else 'done' end
        from chosen
        where letter.seq = chosen.seq
          and (letter.redelivery is null
            or letter.redelivery = 'requested' and letter.state = 'parked' and letter.attempts = 0)
        returning letter.seq, letter.state, letter.aggregate_id, chosen.kind, letter.id,
                  letter.aggregate_type, letter.event_type, letter.created_at, letter.reason
      ), noted as (
        insert into %7$s (seq, id, aggregate_type, aggregate_id, event_type, created_at, reason,
                          discarded_by)
        select seq, id, aggregate_type, aggregate_id, event_type, created_at, reason, $10 from gone
        on conflict (seq) do update
          set reason = excluded.reason, discarded_by = excluded.discarded_by, discarded_at = now()
      ), opened as (
        select aggregate_id, first, (
          select min(head.seq) from %1$s head
          where head.aggregate_id = parked.aggregate_id and head.state = 'parked'
            and head.attempts > 0 and %5$s and head.seq not in (select seq from gone)) as barrier
        from (select aggregate_id, min(seq) as first from gone
              where state = 'parked' and kind in ('rejected', 'retried')
              group by aggregate_id) parked
      ), behind as (
        select count(*) filter (where barrier is null or later.seq < barrier) as following,
               count(*) filter (where later.seq > barrier) as blocked
        from opened join %1$s later
          on later.aggregate_id = opened.aggregate_id and later.seq > opened.first
        where later.state = 'parked' and later.attempts = 0 and %6$s
          and later.seq not in (select seq from gone)
      )
      select (select count(*) from chosen),
             (select count(*) from gone where kind in ('rejected', 'retried')),
             (select count(*) from gone where kind in ('blocked', 'waiting')),
             (select count(*) from gone where kind in ('deferred', 'paused')),
             (select following from behind), (select blocked from behind),
             (select count(*) from chosen) - (select count(*) from gone),
             (select coalesce(array_agg(seq), '{}') from (
                select seq from chosen where seq not in (select seq from gone)
                order by seq limit %3$d) busy)
      """;

  private final SqlConnection connection;
  private final OutboxNames names;
  private final Actor author;

  /**
   * @param author the operator, for the audit
   */
  public DeadLetterDesk(SqlConnection connection, OutboxNames names, Actor author) {
    this.connection = connection;
    this.names = names;
    this.author = author;
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
   * @param state one of the states of {@link LetterState}; null for any
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
                LetterState.of(names)))
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
            PARKED.formatted(names.deadLetter(), live("letter"), live("head"), live("earlier")))
        .execute(Tuple.of(after, most))
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false).map(ParkedAggregate::of).toList());
  }

  private static String live(String alias) {
    return LetterState.LIVE.formatted(alias);
  }

  /**
   * The number of dead letters of each kind.
   *
   * @param rejected rejected events, including the ones that are being retried
   * @param blocked events that wait behind them
   * @param deferred events that are set aside while a destination is down
   * @param paused events that are set aside because an operator paused a destination
   * @param aggregates parked aggregates: their first event is a rejected one
   */
  public record Count(long rejected, long blocked, long deferred, long paused, long aggregates) {

    static Count of(Row row) {
      return new Count(
          row.getLong(0), row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
    }

    /** Returns the number of events that were not rejected themselves. */
    public long others() {
      return blocked + deferred + paused;
    }
  }

  /**
   * The state of the dead letters. The cost is bounded: only the first {@link #COUNTED} dead
   * letters, or the given number, are examined.
   *
   * @param retried how many of the rejected ones are being retried
   * @param oldest the earliest time at which one of them was last rejected or set aside
   * @param isMore true if there are more dead letters than were examined
   */
  public record Standing(
      Count count, long retried, @Nullable OffsetDateTime oldest, boolean isMore) {}

  public Future<Standing> standing() {
    return standing(COUNTED);
  }

  /** Completes with the state of the first {@code most} dead letters. */
  public Future<Standing> standing(int most) {
    return connection
        .preparedQuery(
            STANDING.formatted(
                names.deadLetter(), COUNTS, aggregates(), LetterState.REJECTED, live("letter")))
        .execute(Tuple.of(most + 1L))
        .map(rows -> rows.iterator().next())
        .map(
            row ->
                new Standing(
                    Count.of(row),
                    row.getLong(5),
                    row.getOffsetDateTime(6),
                    row.getLong(7) > most));
  }

  private String aggregates() {
    return AGGREGATES.formatted(LetterState.ofFollowers(names, "parked.aggregate_id"));
  }

  public Future<Count> count(DeadLetterFilter selection) {
    return connection
        .preparedQuery(
            COUNT.formatted(
                names.deadLetter(),
                COUNTS,
                aggregates(),
                LetterState.REJECTED,
                DeadLetterFilter.condition(names)))
        .execute(selection.values())
        .map(rows -> Count.of(rows.iterator().next()));
  }

  /**
   * Completes with the details of one dead letter; fails with {@link OperationRefusedException} if
   * there is none.
   */
  public Future<DeadLetterDetails> show(long seq) {
    String sql =
        SHOW.formatted(
            DeadLetterSummary.columns(names),
            names.deadLetter(),
            DeadLetterFilter.condition(names),
            live("earlier"),
            live("later"));
    return connection
        .preparedQuery(sql)
        .execute(DeadLetterFilter.of(seq).values())
        .compose(
            rows ->
                rows.size() == 0
                    ? missing(seq)
                    : payloadType()
                        .compose(
                            type -> defect(seq, type).map(defect -> shown(rows, type, defect))));
  }

  private static DeadLetterDetails shown(RowSet<Row> rows, PayloadType type, String defect) {
    var row = rows.iterator().next();
    return new DeadLetterDetails(
        DeadLetterSummary.of(row),
        row.getString(DeadLetterSummary.COLUMNS),
        row.getOffsetDateTime(DeadLetterSummary.COLUMNS + 1),
        row.getOffsetDateTime(DeadLetterSummary.COLUMNS + 2),
        row.getLong(DeadLetterSummary.COLUMNS + 3),
        row.getLong(DeadLetterSummary.COLUMNS + 6),
        row.getString(DeadLetterSummary.COLUMNS + 4),
        row.getString(DeadLetterSummary.COLUMNS + 5),
        type,
        row.getString(DeadLetterSummary.COLUMNS + 7),
        defect.isEmpty() ? null : defect);
  }

  /** Completes with the reason for which a dead letter cannot become a message; empty if it can. */
  private Future<String> defect(long seq, PayloadType type) {
    var columns = new EventColumns(type);
    return connection
        .preparedQuery(EVENT.formatted(columns.select(), names.deadLetter()))
        .execute(Tuple.of(seq))
        .map(
            rows -> {
              var defects = new HashMap<Long, String>();
              rows.forEach(row -> columns.event(row, defects::putIfAbsent));
              return defects.getOrDefault(seq, "");
            });
  }

  private Future<PayloadType> payloadType() {
    return OutboxTable.payloadType(connection, names);
  }

  /**
   * Requests the redelivery of dead letters from the leading relay: a skipped one alone, a parked
   * one with its whole aggregate, in order.
   *
   * @param dryRun true to change nothing and only report what would be done
   */
  public Future<BulkResult> retry(DeadLetterFilter selection, boolean dryRun) {
    return change(
        "retry",
        RETRY,
        selection,
        selection.values(),
        dryRun,
        bulkResult -> bulkResult.retried(false));
  }

  /**
   * Discards dead letters. If a discarded one was the head of its aggregate, the leading relay
   * publishes the events that only waited behind it.
   *
   * @param dryRun true to change nothing and only report what would be done
   */
  public Future<BulkResult> discard(DeadLetterFilter selection, boolean dryRun) {
    return change(
        "discard",
        DISCARD,
        selection,
        selection.values().addString(author.who()),
        dryRun,
        bulkResult -> bulkResult.discarded(false));
  }

  /** A dry run makes the change and rolls it back, so its report is exact. */
  private Future<BulkResult> change(
      String action,
      String sql,
      DeadLetterFilter selection,
      Tuple values,
      boolean dryRun,
      Function<BulkResult, String> outcome) {
    String query =
        sql.formatted(
            names.deadLetter(),
            DeadLetterFilter.condition(names),
            BulkResult.NAMED,
            LetterState.of(names),
            live("head"),
            live("later"),
            names.discarded());
    return inTransaction(
        new AuditLog.Entry(author, action, selection.toString()),
        dryRun,
        outcome,
        () ->
            verifyThere(selection.seqs())
                .compose(there -> connection.preparedQuery(query).execute(values))
                .map(rows -> bulkResult(rows.iterator().next()))
                .compose(bulkResult -> verifyMeant(selection, bulkResult)));
  }

  private static BulkResult bulkResult(Row row) {
    return new BulkResult(
        row.getLong(0),
        row.getLong(1),
        row.getLong(2),
        row.getLong(3),
        row.getLong(4),
        row.getLong(5),
        row.getLong(6),
        List.of(row.getArrayOfLongs(7)));
  }

  /**
   * Another session may have changed the dead letters after {@link #verifyThere} had seen them. An
   * event that was not changed by this request is then not being retried, but gone.
   */
  private Future<BulkResult> verifyMeant(DeadLetterFilter selection, BulkResult bulkResult) {
    if (selection.seqs().isEmpty()) {
      return Future.succeededFuture(bulkResult);
    }
    return verifyThere(bulkResult.matched() == 0 ? selection.seqs() : bulkResult.some())
        .map(bulkResult);
  }

  private Future<Void> verifyThere(List<Long> seqs) {
    if (seqs.isEmpty()) {
      return Future.succeededFuture();
    }
    return connection
        .preparedQuery(
            "select coalesce(array_agg(named), '{}') from unnest($1::bigint[]) named where not"
                + " exists"
                + " (select from %s where seq = named and (redelivery is null or redelivery in ('requested', 'in_progress')))"
                    .formatted(names.deadLetter()))
        .execute(Tuple.tuple().addArrayOfLong(seqs.toArray(Long[]::new)))
        .map(rows -> rows.iterator().next().getArrayOfLongs(0))
        .compose(absent -> absent.length == 0 ? Future.succeededFuture() : missing(absent));
  }

  private static <T> Future<T> missing(Long... seqs) {
    var list = List.of(seqs).toString();
    return refused(
        "there is no dead letter "
            + list.substring(1, list.length() - 1)
            + " (any more); nothing was changed. See dead-letters list");
  }

  static <T> Future<T> refused(String sentence) {
    return Future.failedFuture(new OperationRefusedException(sentence));
  }

  /**
   * Changes a dead letter. Fails with {@link OperationRefusedException} if it does not exist, is
   * being retried, or cannot be changed in this way.
   */
  public Future<Void> edit(long seq, DeadLetterEdit edit) {
    return edit(seq, edit, null);
  }

  /**
   * Changes a dead letter if it has not changed since the operator saw it.
   *
   * @param version the value of {@link DeadLetterDetails#version} that the operator saw; if it
   *     differs, nothing is changed; null to change the dead letter in any case
   */
  public Future<Void> edit(long seq, DeadLetterEdit edit, @Nullable String version) {
    return payloadType()
        .compose(
            payload ->
                inTransaction(
                    new AuditLog.Entry(author, "edit", "dead letter " + seq),
                    false,
                    done -> "done: " + edit.changed(),
                    () ->
                        new DeadLetterEditor(connection, names, payload).make(seq, edit, version)));
  }

  private <T> Future<T> inTransaction(
      AuditLog.Entry entry,
      boolean takeBack,
      Function<T, String> outcome,
      Supplier<Future<T>> work) {
    return takeBack
        ? takenBack(work)
        : AuditLog.noted(
            connection,
            names,
            entry,
            () -> work.get().compose(done -> notifyRelays().map(done)),
            outcome);
  }

  private <T> Future<T> takenBack(Supplier<Future<T>> work) {
    return connection
        .begin()
        .compose(
            transaction ->
                work.get()
                    .compose(
                        done -> transaction.rollback().map(done),
                        failure ->
                            transaction
                                .rollback()
                                .transform(over -> Future.failedFuture(failure))));
  }

  /** The relay receives the notification when the transaction commits. */
  private Future<?> notifyRelays() {
    return NotificationSender.send(connection, names, NotificationListener.DEAD_LETTERS);
  }
}

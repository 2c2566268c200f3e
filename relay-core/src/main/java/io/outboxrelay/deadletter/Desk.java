package io.outboxrelay.deadletter;

import io.outboxrelay.audit.Audit;
import io.outboxrelay.audit.Author;
import io.outboxrelay.doorbell.Listener;
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
 * What operators do with dead letters.
 *
 * <p>Works on the database alone, from any machine: it leaves marks in the table and rings for the
 * leading relay. Where two operators, or an operator and the relay, mean the same letter at once,
 * one of them comes first and the other is told.
 */
public final class Desk {
  /** More are not counted one by one: it is asked every second where somebody watches. */
  public static final int COUNTED = 1_000;

  /** How many are counted for whoever looks through them: a third of a second's work. */
  public static final int LISTED = 100_000;

  private static final String LIST =
      """
      select %1$s from %2$s
      where %3$s and ($8 or attempts > 0 or state = 'skipped' or redelivery is not null)
      order by seq
      limit $9
      """;

  private static final String PAGE =
      """
      select %1$s from %2$s
      where %3$s and ($8 or attempts > 0 or state = 'skipped' or redelivery is not null)
        and seq > $9
        and ($10::text is null or $10 = case when redelivery is not null then 'retried'
          when state = 'parked' and attempts = 0 then 'waiting' else state end)
      order by seq
      limit $11
      """;

  /** By their heads, found one after the other in the index of aggregates. */
  private static final String PARKED =
      """
      select head.aggregate_id, head.aggregate_type, head.reason, head.buried_at, head.attempts,
             head.destination, head.redelivery is not null, head.seq,
             (select count(*) from %1$s letter
              where letter.aggregate_id = head.aggregate_id and letter.seq > head.seq
                and letter.state = 'parked'
                and (letter.redelivery is null or letter.redelivery in ('requested', 'in_progress')))
      from %1$s head
      where head.state = 'parked' and head.seq > $1 and head.aggregate_id is not null
        and (head.redelivery is null or head.redelivery in ('requested', 'in_progress'))
        and not exists (
          select from %1$s earlier
          where earlier.aggregate_id = head.aggregate_id and earlier.seq < head.seq
            and earlier.state = 'parked'
            and (earlier.redelivery is null or earlier.redelivery in ('requested', 'in_progress')))
      order by head.seq
      limit $2
      """;

  /** Aggregates are only told apart here, which byte by byte costs a fraction. */
  private static final String STANDING =
      """
      select count(*) filter (where redelivery is null and (attempts > 0 or state = 'skipped')),
             count(*) filter (where attempts = 0 and state = 'parked'),
             count(distinct aggregate_id collate "C") filter (where state = 'parked'),
             count(*) filter (where redelivery is not null and attempts > 0),
             min(coalesce(tried_at, buried_at)),
             count(*)
      from (select redelivery, attempts, state, aggregate_id, tried_at, buried_at
            from %s
            where redelivery is null or redelivery in ('requested', 'in_progress')
            order by seq limit $1) foremost
      """;

  private static final String COUNT =
      """
      select count(*) filter (where attempts > 0 or state = 'skipped' or redelivery is not null),
             count(*), count(distinct aggregate_id) filter (where state = 'parked')
      from %1$s where %2$s
      """;

  private static final String SHOW =
      """
      select %1$s, id::text, created_at, buried_at,
             (select count(*) from %2$s earlier
              where earlier.aggregate_id = letter.aggregate_id and earlier.seq < letter.seq
                and letter.state = 'parked' and earlier.state = 'parked'
                and (earlier.redelivery is null or earlier.redelivery in ('requested', 'in_progress'))),
             headers::text, payload::text,
             (select count(*) from %2$s later
              where later.aggregate_id = letter.aggregate_id and later.seq > letter.seq
                and letter.state = 'parked' and later.state = 'parked'
                and (later.redelivery is null or later.redelivery in ('requested', 'in_progress'))),
             letter.xmin::text
      from %2$s letter
      where %3$s
      """;

  private static final String EVENT = "select %s from %s where seq = $1";

  /** A parked aggregate comes back as a whole, from its head on. */
  private static final String RETRY =
      """
      with chosen as (
        select seq, state, aggregate_id from %1$s where %2$s
      ), heads as (
        select seq from chosen where state = 'skipped'
        union
        select (select head.seq from %1$s head
                where head.aggregate_id = parked.aggregate_id and head.state = 'parked'
                  and (head.redelivery is null or head.redelivery in ('requested', 'in_progress'))
                order by head.seq limit 1)
        from (select distinct aggregate_id from chosen where state = 'parked') parked
      ), asked as (
        update %1$s set redelivery = 'requested'
        where seq in (select seq from heads) and redelivery is null
        returning seq
      )
      select (select count(*) from chosen), (select count(*) from asked),
             (select count(*) from heads) - (select count(*) from asked),
             (select coalesce(array_agg(seq), '{}') from (
                select seq from heads where seq not in (select seq from asked)
                order by seq limit %3$d) busy)
      """;

  /** A letter that was never tried here only waits for its destination, and nobody asked for it. */
  private static final String DISCARD =
      """
      with chosen as (
        select seq from %1$s where %2$s
      ), gone as (
        update %1$s set redelivery = case state when 'parked' then 'discarded' else 'done' end
        where seq in (select seq from chosen)
          and (redelivery is null or redelivery = 'requested' and state = 'parked' and attempts = 0)
        returning seq
      )
      select (select count(*) from chosen), (select count(*) from gone),
             (select count(*) from chosen) - (select count(*) from gone),
             (select coalesce(array_agg(seq), '{}') from (
                select seq from chosen where seq not in (select seq from gone)
                order by seq limit %3$d) busy)
      """;

  private final SqlConnection connection;
  private final OutboxNames names;
  private final Author author;

  /**
   * @param author who asks, for the audit
   */
  public Desk(SqlConnection connection, OutboxNames names, Author author) {
    this.connection = connection;
    this.names = names;
    this.author = author;
  }

  /**
   * Letters in the order of their events.
   *
   * @param waiting whether also those that only wait behind a parked one
   */
  public Future<List<Listed>> list(Selection selection, boolean waiting, int most) {
    return connection
        .preparedQuery(LIST.formatted(Listed.COLUMNS, names.deadLetter(), Selection.CONDITION))
        .execute(selection.values().addBoolean(waiting).addInteger(most))
        .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(Listed::of).toList());
  }

  /**
   * The same, page by page.
   *
   * @param state one of those of {@link Listed}; null for any
   * @param after only those with a higher sequence number
   */
  public Future<List<Listed>> page(
      Selection selection, @Nullable String state, boolean waiting, long after, int most) {
    var values = selection.values().addBoolean(waiting).addLong(after);
    values.addValue(state).addInteger(most);
    return connection
        .preparedQuery(PAGE.formatted(Listed.COLUMNS, names.deadLetter(), Selection.CONDITION))
        .execute(values)
        .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(Listed::of).toList());
  }

  /** Aggregates that are parked, in the order of their heads, those after {@code after}. */
  public Future<List<Parked>> parked(long after, int most) {
    return connection
        .preparedQuery(PARKED.formatted(names.deadLetter()))
        .execute(Tuple.of(after, most))
        .map(rows -> StreamSupport.stream(rows.spliterator(), false).map(Parked::of).toList());
  }

  /**
   * What stands in the dead letters, at the same cost however many there are: of more than {@link
   * #COUNTED} the first, and one more, are looked at.
   *
   * @param rejected those that wait for an operator
   * @param waiting those that only wait, behind another or for their destination
   * @param aggregates that are parked
   * @param retried those that were rejected and are on their way back
   * @param oldest of them all
   * @param isMore whether there are more than were looked at
   */
  public record Standing(
      long rejected,
      long waiting,
      long aggregates,
      long retried,
      @Nullable OffsetDateTime oldest,
      boolean isMore) {}

  public Future<Standing> standing() {
    return standing(COUNTED);
  }

  /** The same, and more are counted. */
  public Future<Standing> standing(int most) {
    return connection
        .preparedQuery(STANDING.formatted(names.deadLetter()))
        .execute(Tuple.of(most + 1L))
        .map(rows -> rows.iterator().next())
        .map(
            row ->
                new Standing(
                    row.getLong(0),
                    row.getLong(1),
                    row.getLong(2),
                    row.getLong(3),
                    row.getOffsetDateTime(4),
                    row.getLong(5) > most));
  }

  /**
   * How many letters there are.
   *
   * @param rejected those that do not only wait behind another
   * @param aggregates that are parked
   */
  public record Count(long rejected, long all, long aggregates) {}

  public Future<Count> count(Selection selection) {
    return connection
        .preparedQuery(COUNT.formatted(names.deadLetter(), Selection.CONDITION))
        .execute(selection.values())
        .map(rows -> rows.iterator().next())
        .map(row -> new Count(row.getLong(0), row.getLong(1), row.getLong(2)));
  }

  /** All of one letter; fails with {@link RefusedException} where there is none. */
  public Future<Shown> show(long seq) {
    String sql = SHOW.formatted(Listed.COLUMNS, names.deadLetter(), Selection.CONDITION);
    return connection
        .preparedQuery(sql)
        .execute(Selection.of(seq).values())
        .compose(
            rows ->
                rows.size() == 0
                    ? missing(seq)
                    : payloadType()
                        .compose(
                            type -> defect(seq, type).map(defect -> shown(rows, type, defect))));
  }

  private static Shown shown(RowSet<Row> rows, PayloadType type, String defect) {
    var row = rows.iterator().next();
    return new Shown(
        Listed.of(row),
        row.getString(9),
        row.getOffsetDateTime(10),
        row.getOffsetDateTime(11),
        row.getLong(12),
        row.getLong(15),
        row.getString(13),
        row.getString(14),
        type,
        row.getString(16),
        defect.isEmpty() ? null : defect);
  }

  /** Why a letter cannot become a message; empty where it can. */
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
   * Asks the leading relay to publish letters: a skipped one by itself, a parked one with all of
   * its aggregate, in order.
   *
   * @param dryRun whether only to say what would be done
   */
  public Future<Tally> retry(Selection selection, boolean dryRun) {
    return change("retry", RETRY, selection, dryRun);
  }

  /**
   * Gives letters up. Where one was its aggregate's head, the leading relay lets those follow that
   * only waited behind it.
   *
   * @param dryRun whether only to say what would be done
   */
  public Future<Tally> discard(Selection selection, boolean dryRun) {
    return change("discard", DISCARD, selection, dryRun);
  }

  /** A dry run does all of it and takes it back, so what it says is exact. */
  private Future<Tally> change(String action, String sql, Selection selection, boolean dryRun) {
    return inTransaction(
        new Audit.Entry(author, action, selection.toString()),
        dryRun,
        tally -> tally.done() + " of " + tally.matched() + " chosen",
        () ->
            verifyThere(selection.seqs())
                .compose(
                    there ->
                        connection
                            .preparedQuery(
                                sql.formatted(names.deadLetter(), Selection.CONDITION, Tally.NAMED))
                            .execute(selection.values()))
                .map(rows -> rows.iterator().next())
                .map(
                    row ->
                        new Tally(
                            row.getLong(0),
                            row.getLong(1),
                            row.getLong(2),
                            List.of(row.getArrayOfLongs(3))))
                .compose(tally -> verifyMeant(selection, tally)));
  }

  /**
   * Somebody may have been faster since they were seen to be there: what was not done then is not
   * being retried, but gone.
   */
  private Future<Tally> verifyMeant(Selection selection, Tally tally) {
    if (selection.seqs().isEmpty()) {
      return Future.succeededFuture(tally);
    }
    return verifyThere(tally.matched() == 0 ? selection.seqs() : tally.some()).map(tally);
  }

  private Future<Void> verifyThere(List<Long> seqs) {
    if (seqs.isEmpty()) {
      return Future.succeededFuture();
    }
    return connection
        .preparedQuery(
            "select coalesce(array_agg(named), '{}') from unnest($1::bigint[]) named where not exists"
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
    return Future.failedFuture(new RefusedException(sentence));
  }

  /** Changes a letter that nobody has asked to retry; fails with {@link RefusedException} else. */
  public Future<Void> edit(long seq, Edit edit) {
    return edit(seq, edit, null);
  }

  /**
   * The same.
   *
   * @param version what {@link Shown#version} was when somebody decided on the edit: a letter that
   *     was changed since is left alone; null to change it whatever it is
   */
  public Future<Void> edit(long seq, Edit edit, @Nullable String version) {
    return payloadType()
        .compose(
            payload ->
                inTransaction(
                    new Audit.Entry(author, "edit", "dead letter " + seq),
                    false,
                    done -> "done: " + edit.changed(),
                    () -> new Amendment(connection, names, payload).make(seq, edit, version)));
  }

  private <T> Future<T> inTransaction(
      Audit.Entry entry, boolean takeBack, Function<T, String> outcome, Supplier<Future<T>> work) {
    return takeBack
        ? takenBack(work)
        : Audit.noted(
            connection, names, entry, () -> work.get().compose(done -> ring().map(done)), outcome);
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

  /** Heard when the transaction commits. */
  private Future<?> ring() {
    return connection
        .preparedQuery("select pg_notify($1, $2)")
        .execute(Tuple.of(names.channel(), Listener.DEAD_LETTERS));
  }
}

package io.outboxrelay.deadletter;

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
import java.util.HashMap;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;

/**
 * What operators do with dead letters.
 *
 * <p>Works on the database alone, from any machine: it leaves marks in the table and rings for the
 * leading relay. Where two operators, or an operator and the relay, mean the same letter at once,
 * one of them comes first and the other is told.
 */
public final class Desk {
  private static final String LIST =
      """
      select %1$s from %2$s
      where %3$s and ($8 or attempts > 0 or state = 'skipped' or progress is not null)
      order by seq
      limit $9
      """;

  private static final String COUNT =
      """
      select count(*) filter (where attempts > 0 or state = 'skipped' or progress is not null),
             count(*), count(distinct aggregate_id) filter (where state = 'parked')
      from %1$s where %2$s
      """;

  private static final String SHOW =
      """
      select %1$s, id::text, created_at, buried_at,
             (select count(*) from %2$s earlier
              where earlier.aggregate_id = letter.aggregate_id and earlier.seq < letter.seq
                and letter.state = 'parked' and earlier.state = 'parked'
                and (earlier.progress is null or earlier.progress in ('asked', 'replaying'))),
             headers::text, payload::text
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
                  and (head.progress is null or head.progress in ('asked', 'replaying'))
                order by head.seq limit 1)
        from (select distinct aggregate_id from chosen where state = 'parked') parked
      ), asked as (
        update %1$s set progress = 'asked'
        where seq in (select seq from heads) and progress is null
        returning seq
      )
      select (select count(*) from chosen), (select count(*) from asked),
             (select count(*) from heads) - (select count(*) from asked)
      """;

  /** A letter that was never tried here only waits for its destination, and nobody asked for it. */
  private static final String DISCARD =
      """
      with chosen as (
        select seq from %1$s where %2$s
      ), gone as (
        update %1$s set progress = case state when 'parked' then 'discarded' else 'settled' end
        where seq in (select seq from chosen)
          and (progress is null or progress = 'asked' and state = 'parked' and attempts = 0)
        returning seq
      )
      select (select count(*) from chosen), (select count(*) from gone),
             (select count(*) from chosen) - (select count(*) from gone)
      """;

  private final SqlConnection connection;
  private final OutboxNames names;

  public Desk(SqlConnection connection, OutboxNames names) {
    this.connection = connection;
    this.names = names;
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
                rows.size() == 0 ? missing(seq) : defect(seq).map(defect -> shown(rows, defect)));
  }

  private static Shown shown(RowSet<Row> rows, String defect) {
    var row = rows.iterator().next();
    return new Shown(
        Listed.of(row),
        row.getString(9),
        row.getOffsetDateTime(10),
        row.getOffsetDateTime(11),
        row.getLong(12),
        row.getString(13),
        row.getString(14),
        defect.isEmpty() ? null : defect);
  }

  /** Why a letter cannot become a message; empty where it can. */
  private Future<String> defect(long seq) {
    return payloadType()
        .map(EventColumns::new)
        .compose(
            columns ->
                connection
                    .preparedQuery(EVENT.formatted(columns.select(), names.deadLetter()))
                    .execute(Tuple.of(seq))
                    .map(
                        rows -> {
                          var defects = new HashMap<Long, String>();
                          rows.forEach(row -> columns.event(row, defects::putIfAbsent));
                          return defects.getOrDefault(seq, "");
                        }));
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
    return change(RETRY, selection, dryRun);
  }

  /**
   * Gives letters up. Where one was its aggregate's head, the leading relay lets those follow that
   * only waited behind it.
   *
   * @param dryRun whether only to say what would be done
   */
  public Future<Tally> discard(Selection selection, boolean dryRun) {
    return change(DISCARD, selection, dryRun);
  }

  /** A dry run does all of it and takes it back, so what it says is exact. */
  private Future<Tally> change(String sql, Selection selection, boolean dryRun) {
    return inTransaction(
        dryRun,
        () ->
            verifyThere(selection)
                .compose(
                    there ->
                        connection
                            .preparedQuery(sql.formatted(names.deadLetter(), Selection.CONDITION))
                            .execute(selection.values()))
                .map(rows -> rows.iterator().next())
                .map(row -> new Tally(row.getLong(0), row.getLong(1), row.getLong(2))));
  }

  private Future<Void> verifyThere(Selection selection) {
    if (selection.seqs().isEmpty()) {
      return Future.succeededFuture();
    }
    return connection
        .preparedQuery(
            "select coalesce(array_agg(named), '{}') from unnest($1::bigint[]) named where not exists"
                + " (select from %s where seq = named and (progress is null or progress in ('asked', 'replaying')))"
                    .formatted(names.deadLetter()))
        .execute(Tuple.tuple().addArrayOfLong(selection.seqs().toArray(Long[]::new)))
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
    return payloadType()
        .compose(
            payload ->
                inTransaction(
                    false, () -> new Amendment(connection, names, payload).make(seq, edit)));
  }

  private <T> Future<T> inTransaction(boolean takeBack, Supplier<Future<T>> work) {
    return connection
        .begin()
        .compose(
            transaction ->
                work.get()
                    .compose(done -> ring().map(done))
                    .compose(
                        done ->
                            (takeBack ? transaction.rollback() : transaction.commit()).map(done),
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

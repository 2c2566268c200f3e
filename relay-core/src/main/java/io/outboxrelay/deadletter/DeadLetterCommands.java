package io.outboxrelay.deadletter;

import io.outboxrelay.audit.Actor;
import io.outboxrelay.audit.AuditLog;
import io.outboxrelay.doorbell.NotificationListener;
import io.outboxrelay.doorbell.NotificationSender;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The commands of operators on dead letters: retry, discard, edit.
 *
 * <p>The commands need only a connection to the database: they change the table and notify the
 * leading relay. If two operators, or an operator and the relay, change the same dead letter at
 * once, the first change succeeds and the other fails.
 */
public final class DeadLetterCommands {
  /**
   * Requests the redelivery of the head of each selected parked aggregate, because an aggregate is
   * retried as a whole, and of each selected skipped dead letter.
   */
  private static final String RETRY =
      """
      with chosen as (
        select dead_letter.seq, dead_letter.state, dead_letter.aggregate_id from %1$s dead_letter where %2$s
      ), heads as (
        select seq from chosen where state = 'skipped'
        union
        select (select head.seq from %1$s head
                where head.aggregate_id = parked.aggregate_id and head.state = 'parked' and %5$s
                order by head.seq limit 1)
        from (select distinct aggregate_id from chosen where state = 'parked') parked
      ), asked as (
        update %1$s dead_letter set redelivery = 'requested'
        where dead_letter.seq in (select seq from heads) and dead_letter.redelivery is null
        returning dead_letter.seq, dead_letter.state, dead_letter.aggregate_id
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
   * Discards dead letters, and notes each discarded event in a table of its own, so that the event
   * is never taken for a published one after its dead letter is deleted. A dead letter with a
   * requested redelivery is discarded only if it was never rejected: such a dead letter is
   * deferred, and the relay itself has requested the redelivery. If another rejected event of the
   * aggregate remains, the events before it are counted as following, and the events after it as
   * blocked.
   */
  private static final String DISCARD =
      """
      with chosen as (
        select dead_letter.seq, %4$s as kind from %1$s dead_letter where %2$s
      ), gone as (
        update %1$s dead_letter
        set redelivery = case dead_letter.state when 'parked' then 'discarded' else 'done' end
        from chosen
        where dead_letter.seq = chosen.seq
          and (dead_letter.redelivery is null
            or dead_letter.redelivery = 'requested' and dead_letter.state = 'parked' and dead_letter.attempts = 0)
        returning dead_letter.seq, dead_letter.state, dead_letter.aggregate_id, chosen.kind, dead_letter.id,
                  dead_letter.aggregate_type, dead_letter.event_type, dead_letter.created_at, dead_letter.reason
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
  private final DeadLetterQueries queries;

  /**
   * @param author the operator, for the audit
   */
  public DeadLetterCommands(SqlConnection connection, OutboxNames names, Actor author) {
    this.connection = connection;
    this.names = names;
    this.author = author;
    this.queries = new DeadLetterQueries(connection, names);
  }

  /** Returns the queries on the same connection. */
  public DeadLetterQueries queries() {
    return queries;
  }

  /**
   * Requests the redelivery of dead letters from the leading relay. A skipped dead letter is
   * redelivered alone; for a parked one, its whole aggregate is redelivered in order.
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
   * Discards dead letters. If the head of an aggregate is discarded, the leading relay publishes
   * the events that waited only behind that head.
   *
   * @param dryRun true to change nothing and only report what would be done
   */
  public Future<BulkResult> discard(DeadLetterFilter selection, boolean dryRun) {
    return change(
        "discard",
        DISCARD,
        selection,
        selection.values().addString(author.name()),
        dryRun,
        bulkResult -> bulkResult.discarded(false));
  }

  /**
   * Makes a change in a transaction. A dry run makes the change and rolls it back, so its report is
   * exact.
   */
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
            DeadLetterState.of(names),
            DeadLetterState.live("head"),
            DeadLetterState.live("later"),
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
        new BulkResult.Changed(row.getLong(1), row.getLong(2), row.getLong(3)),
        row.getLong(4),
        row.getLong(5),
        new BulkResult.Busy(row.getLong(6), List.of(row.getArrayOfLongs(7))));
  }

  /**
   * Verifies again, after the change, that the events that the operator has named are dead letters;
   * fails otherwise. Another session may have removed dead letters since the first verification: an
   * event that this request has not changed is then absent and not busy.
   */
  private Future<BulkResult> verifyMeant(DeadLetterFilter selection, BulkResult bulkResult) {
    if (selection.seqs().isEmpty()) {
      return Future.succeededFuture(bulkResult);
    }
    return verifyThere(bulkResult.matched() == 0 ? selection.seqs() : bulkResult.busy().some())
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
                + " (select from %s where seq = named and %s)"
                    .formatted(names.deadLetter(), DeadLetterState.LIVE))
        .execute(Tuple.tuple().addArrayOfLong(seqs.toArray(Long[]::new)))
        .map(rows -> rows.iterator().next().getArrayOfLongs(0))
        .compose(
            absent ->
                absent.length == 0 ? Future.succeededFuture() : MissingDeadLetters.refused(absent));
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
   * @param version the value of {@link DeadLetterDetails#version} that the operator saw; if the
   *     dead letter has another version now, nothing is changed. Null means that the dead letter is
   *     changed in any case
   */
  public Future<Void> edit(long seq, DeadLetterEdit edit, @Nullable String version) {
    return OutboxTable.payloadType(connection, names)
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

  /** Notifies the relays; they receive the notification when the transaction commits. */
  private Future<?> notifyRelays() {
    return NotificationSender.send(connection, names, NotificationListener.DEAD_LETTERS);
  }
}

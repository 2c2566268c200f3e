package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.PayloadType;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Claims on the table of dead letters. */
public final class TableClaims implements Claims {
  private static final int PAGE_EVENTS = 200;
  private static final int PAGE_BYTES = 256 << 10;

  /**
   * Settings of the connection: the planner knows the table as it was before a hundred thousand
   * letters were asked for, and would walk all of it for each. What a crash of the server takes
   * back is done again. A letter that an operator has locked is left for later, or all others would
   * wait in line behind it.
   */
  public static final String PLAN =
      """
      set enable_seqscan = off;
      set enable_hashagg = off;
      set enable_bitmapscan = off;
      set jit = off;
      set synchronous_commit = off;
      set lock_timeout = '200ms';
      set plan_cache_mode = force_generic_plan;
      """;

  /**
   * The update sees a letter that was edited or discarded this very moment as it is now: it waits
   * for the operator's transaction, and looks again.
   */
  private static final String NEXT =
      """
      with settled as (
        update %1$s set redelivery = 'done' where seq = any($2)
      ), given_up as (
        update %1$s set redelivery = 'done' where aggregate_id = $1 and redelivery = 'discarded'
      ), page as (
        select seq as taken, follows
        from (
          select seq, lead(seq) over letters is not null as follows,
                 row_number() over letters as place, sum(size) over letters - size as before
          from (
            select seq, coalesce(%2$s, 0) as size
            from %1$s
            where aggregate_id = $1 and seq > $3 and seq <> all($2) and state = 'parked'
              and (redelivery is null or redelivery in ('requested', 'in_progress'))
            order by seq
            limit $4 + 1) first
          window letters as (order by seq)) bounded
        where place <= $4 and before < $5
      )
      update %1$s set redelivery = 'in_progress'
      from page
      where seq = taken and (redelivery is null or redelivery in ('requested', 'in_progress'))
      returning %3$s, follows
      """;

  private static final String GIVE_BACK =
      """
      update %1$s
      set redelivery = case when seq = any($2) then 'done'
                          when seq = $3 and not $6 then 'requested' end,
          attempts = attempts + case when seq = $3 and $6 then 1 else 0 end,
          reason = case when seq = $3 then $4 else reason end,
          destination = case when seq = $3 then nullif($5, '') else destination end,
          tried_at = case when seq = $3 and $6 then now() else tried_at end
      where seq in (
        select $3
        union all
        select unnest($2::bigint[])
        union all
        select seq from %1$s where aggregate_id = $1 and redelivery in ('requested', 'in_progress'))
      """;

  private static final String TAKE =
      """
      update %1$s set redelivery = 'in_progress'
      where seq = any($1) and state = 'skipped' and redelivery in ('requested', 'in_progress')
      returning %2$s
      """;

  private static final String SETTLE = "update %s set redelivery = 'done' where seq = any($1)";

  private final SqlClient database;
  private final long patienceMillis;
  private final EventColumns columns;
  private final String next;
  private final String giveBack;
  private final String take;
  private final String settle;

  /**
   * @param patience how long an answer may take: live events may be waiting for it
   */
  public TableClaims(
      SqlClient database, OutboxNames names, PayloadType payload, Duration patience) {
    this.database = database;
    this.patienceMillis = patience.toMillis();
    this.columns = new EventColumns(payload);
    String letters = names.deadLetter();
    this.next = NEXT.formatted(letters, payload.sizeOf("payload"), columns.select());
    this.giveBack = GIVE_BACK.formatted(letters);
    this.take = TAKE.formatted(letters, columns.select());
    this.settle = SETTLE.formatted(letters);
  }

  @Override
  public Future<Page> next(String aggregateId, List<Long> settled, long after) {
    return execute(next, Tuple.of(aggregateId, array(settled), after, PAGE_EVENTS, PAGE_BYTES))
        .map(
            rows -> {
              var inOrder = inOrder(rows);
              boolean more =
                  !inOrder.isEmpty() && inOrder.get(inOrder.size() - 1).getBoolean(columns.count());
              return new Page(letters(inOrder), more);
            });
  }

  @Override
  public Future<Void> giveBack(String aggregateId, List<Long> settled, Setback setback) {
    return execute(
            giveBack,
            Tuple.of(
                aggregateId,
                array(settled),
                setback.seq(),
                setback.reason(),
                setback.destination(),
                setback.rejected()))
        .mapEmpty();
  }

  @Override
  public Future<Void> settle(List<Long> settled) {
    return execute(settle, Tuple.tuple().addArrayOfLong(array(settled))).mapEmpty();
  }

  /**
   * Takes skipped letters, which have no order to keep, for as far as they are still to be sent.
   */
  public Future<List<Letter>> take(List<Long> seqs) {
    return execute(take, Tuple.tuple().addArrayOfLong(array(seqs)))
        .map(rows -> letters(inOrder(rows)));
  }

  private Future<RowSet<Row>> execute(String sql, Tuple values) {
    return database
        .preparedQuery(sql)
        .execute(values)
        .timeout(patienceMillis, TimeUnit.MILLISECONDS);
  }

  private static Long[] array(List<Long> seqs) {
    return seqs.toArray(Long[]::new);
  }

  /** An update returns its rows in no order. */
  private static List<Row> inOrder(RowSet<Row> rows) {
    var list = new ArrayList<Row>(rows.size());
    rows.forEach(list::add);
    list.sort(Comparator.comparingLong(row -> row.getLong(0)));
    return list;
  }

  private List<Letter> letters(List<Row> rows) {
    var defects = new HashMap<Long, String>();
    var letters = new ArrayList<Letter>(rows.size());
    for (var row : rows) {
      var event = columns.event(row, defects::putIfAbsent);
      letters.add(new Letter(event, defects.get(event.seq())));
    }
    return letters;
  }
}

package io.outboxrelay.deadletter;

import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.outbox.UnreadableRow;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
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
import org.jspecify.annotations.Nullable;

/** Claims dead letters by marking them in the table. */
public final class SqlDeadLetterClaims implements DeadLetterClaims {
  private static final int PAGE_EVENTS = 200;
  private static final int PAGE_BYTES = 256 << 10;

  /**
   * Settings of the connection. Statistics can be older than a request for many dead letters, and
   * with them the planner would scan the whole table for each dead letter. The server does not wait
   * for its disk at a commit, because if a crash loses a change, the relay makes it again. If an
   * operator has locked a dead letter, the statement fails soon and is tried again later, because
   * all other dead letters would wait for that one.
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
   * Records published dead letters and claims the next page. If an operator edits or discards a
   * dead letter at this moment, the update waits for the operator's transaction and then uses the
   * new version of the row. {@code found} is true if the page had rows before that wait: if all of
   * them were discarded meanwhile, nothing is claimed although more dead letters may follow.
   */
  private static final String NEXT =
      """
      with ours as (%4$s), settled as (
        update %1$s set redelivery = 'done' where seq = any($2) and exists (select from ours)
      ), given_up as (
        update %1$s set redelivery = 'done'
        where aggregate_id = $1 and redelivery = 'discarded' and exists (select from ours)
      ), page as (
        select seq as taken, follows
        from (
          select seq, lead(seq) over dead_letters is not null as follows,
                 row_number() over dead_letters as place, sum(size) over dead_letters - size as before
          from (
            select seq, %2$s as size
            from %1$s
            where aggregate_id = $1 and seq > $3 and seq <> all($2) and state = 'parked'
              and %5$s
            order by seq
            limit $4 + 1) first
          window dead_letters as (order by seq)) bounded
        where place <= $4 and before < $5
      ), claimed as (
        update %1$s set redelivery = 'in_progress'
        from page
        where seq = taken and %5$s
          and exists (select from ours)
        returning %3$s, follows
      )
      select claimed.*, exists (select from page) as found from ours left join claimed on true
      """;

  private static final String GIVE_BACK =
      """
      with ours as (%2$s), given_back as (
        update %1$s
        set redelivery = case when seq = any($2) then 'done'
                            when seq = $3 and not $6 then 'requested' end,
            attempts = attempts + case when seq = $3 and $6 then 1 else 0 end,
            reason = case when seq = $3 then $4 else reason end,
            destination = case when seq = $3 then nullif($5, '') else destination end,
            tried_at = case when seq = $3 and $6 then now() else tried_at end
        where exists (select from ours) and seq in (
          select $3
          union all
          select unnest($2::bigint[])
          union all
          select seq from %1$s where aggregate_id = $1 and %3$s)
      )
      select ours from ours
      """;

  private static final String TAKE =
      """
      with ours as (%3$s), claimed as (
        update %1$s set redelivery = 'in_progress'
        where seq = any($1) and state = 'skipped' and %4$s
          and exists (select from ours)
        returning %2$s
      )
      select claimed.* from ours left join claimed on true
      """;

  private static final String SETTLE =
      """
      with ours as (%2$s), settled as (
        update %1$s set redelivery = 'done' where seq = any($1) and exists (select from ours)
      )
      select ours from ours
      """;

  private static final String DATA_EXCEPTION = "22";

  private final SqlClient database;
  private final OwnerEpoch owner;
  private final long patienceMillis;
  private final OutboxNames names;
  private final EventColumns columns;
  private final String next;
  private final String giveBack;
  private final String take;
  private final String settle;

  /**
   * @param owner the shard and epoch of this relay; once the epoch has ended, each method fails and
   *     changes nothing
   * @param patience the longest time to wait for an answer of the database; it is limited, because
   *     live events may be waiting for the answer
   */
  public SqlDeadLetterClaims(
      SqlClient database,
      OutboxNames names,
      OwnerEpoch owner,
      EventColumns columns,
      Duration patience) {
    this.database = database;
    this.owner = owner;
    this.patienceMillis = patience.toMillis();
    this.names = names;
    this.columns = columns;
    String deadLetters = names.deadLetter();
    this.next = next(columns);
    this.giveBack =
        GIVE_BACK.formatted(
            deadLetters, OwnerEpoch.isOurs(names, "$7", "$8"), DeadLetterState.IN_REDELIVERY);
    this.take = take(columns);
    this.settle = SETTLE.formatted(deadLetters, OwnerEpoch.isOurs(names, "$2", "$3"));
  }

  private String next(EventColumns read) {
    return NEXT.formatted(
        names.deadLetter(),
        read.size(),
        read.select(),
        OwnerEpoch.isOurs(names, "$6", "$7"),
        DeadLetterState.LIVE);
  }

  private String take(EventColumns read) {
    return TAKE.formatted(
        names.deadLetter(),
        read.select(),
        OwnerEpoch.isOurs(names, "$2", "$3"),
        DeadLetterState.IN_REDELIVERY);
  }

  /**
   * Claims the next page. If PostgreSQL cannot print one of the dead letters, they are claimed one
   * by one, and the faulty one without its payload, so that it is given back with a reason.
   */
  @Override
  public Future<Page> next(String aggregateId, List<Long> settled, long after) {
    return next(next, PAGE_EVENTS, aggregateId, settled, after, null)
        .recover(
            failure ->
                UnreadableRow.canBeCauseOf(failure)
                    ? next(next, 1, aggregateId, settled, after, null)
                    : Future.failedFuture(failure))
        .recover(
            failure ->
                UnreadableRow.canBeCauseOf(failure)
                    ? next(
                        next(columns.withoutContent()),
                        1,
                        aggregateId,
                        settled,
                        after,
                        UnreadableRow.reason(failure))
                    : Future.failedFuture(failure));
  }

  private Future<Page> next(
      String sql,
      int most,
      String aggregateId,
      List<Long> settled,
      long after,
      @Nullable String defect) {
    return execute(sql, Tuple.of(aggregateId, array(settled), after, most, PAGE_BYTES))
        .compose(
            rows -> {
              var inOrder = inOrder(rows);
              boolean found = rows.iterator().next().getBoolean(columns.count() + 1);
              if (inOrder.isEmpty() && found) {
                return next(sql, most, aggregateId, settled, after, defect);
              }
              boolean more =
                  !inOrder.isEmpty() && inOrder.get(inOrder.size() - 1).getBoolean(columns.count());
              return Future.succeededFuture(new Page(deadLetters(inOrder, defect), more));
            });
  }

  @Override
  public Future<Void> giveBack(
      String aggregateId, List<Long> settled, RedeliveryFailure redeliveryFailure) {
    return giveBackAs(aggregateId, settled, redeliveryFailure)
        .recover(
            failure ->
                failure instanceof PgException answer
                        && String.valueOf(answer.getSqlState()).startsWith(DATA_EXCEPTION)
                    ? giveBackAs(aggregateId, settled, redeliveryFailure.plain())
                    : Future.failedFuture(failure))
        .mapEmpty();
  }

  private Future<RowSet<Row>> giveBackAs(
      String aggregateId, List<Long> settled, RedeliveryFailure redeliveryFailure) {
    return execute(
        giveBack,
        Tuple.of(
            aggregateId,
            array(settled),
            redeliveryFailure.seq(),
            redeliveryFailure.reason(),
            redeliveryFailure.destination(),
            redeliveryFailure.rejected()));
  }

  @Override
  public Future<Void> settle(List<Long> settled) {
    return execute(settle, Tuple.tuple().addArrayOfLong(array(settled))).mapEmpty();
  }

  @Override
  public Future<List<DeadLetter>> take(List<Long> seqs) {
    return execute(take, Tuple.tuple().addArrayOfLong(array(seqs)))
        .map(rows -> deadLetters(inOrder(rows), null))
        .recover(
            failure ->
                UnreadableRow.canBeCauseOf(failure) && seqs.size() == 1
                    ? execute(
                            take(columns.withoutContent()),
                            Tuple.tuple().addArrayOfLong(array(seqs)))
                        .map(rows -> deadLetters(inOrder(rows), UnreadableRow.reason(failure)))
                    : Future.failedFuture(failure));
  }

  private Future<RowSet<Row>> execute(String sql, Tuple values) {
    return database
        .preparedQuery(sql)
        .execute(values.addInteger(owner.shard()).addLong(owner.epoch()))
        .timeout(patienceMillis, TimeUnit.MILLISECONDS)
        .compose(
            rows ->
                rows.size() == 0
                    ? Future.failedFuture(owner.over())
                    : Future.succeededFuture(rows));
  }

  private static Long[] array(List<Long> seqs) {
    return seqs.toArray(Long[]::new);
  }

  /**
   * Returns the rows in order, because an update returns them in any order. Rows without a sequence
   * number are left out: they mean that nothing was claimed.
   */
  private static List<Row> inOrder(RowSet<Row> rows) {
    var list = new ArrayList<Row>(rows.size());
    rows.forEach(
        row -> {
          if (row.getLong(0) != null) {
            list.add(row);
          }
        });
    list.sort(Comparator.comparingLong(row -> row.getLong(0)));
    return list;
  }

  private List<DeadLetter> deadLetters(List<Row> rows, @Nullable String defect) {
    var defects = new HashMap<Long, String>();
    var deadLetters = new ArrayList<DeadLetter>(rows.size());
    for (var row : rows) {
      var event = columns.event(row, defects::putIfAbsent);
      if (defect != null) {
        defects.put(event.seq(), defect);
      }
      deadLetters.add(new DeadLetter(event, defects.get(event.seq())));
    }
    return deadLetters;
  }
}

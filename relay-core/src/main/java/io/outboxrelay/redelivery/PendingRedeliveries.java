package io.outboxrelay.redelivery;

import io.outboxrelay.breaker.DestinationFilter;
import io.outboxrelay.deadletter.DeadLetterState;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.outbox.UnconfirmedEvents;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A portion of the redeliveries that are due.
 *
 * @param aggregates parked aggregates to redeliver
 * @param deadLetters sequence numbers of skipped events to redeliver
 * @param hasSettled true if there are dead letters to delete, because they were redelivered
 */
record PendingRedeliveries(List<String> aggregates, List<Long> deadLetters, boolean hasSettled) {
  private static final int PORTION = 2_000;

  private static final String DESTINATION = "coalesce(destination, '') collate \"C\"";

  /**
   * Selects true if a dead letter of any shard is claimed or requested for redelivery, was
   * discarded, or was redelivered. Each condition is answered by the first entry of a partial index
   * that holds only such rows.
   */
  private static final String ANY =
      """
      select (select 1 from %1$s where %2$s order by %3$s, seq limit 1) is not null
          or (select 1 from %1$s where redelivery = 'discarded' order by seq limit 1) is not null
          or (select 1 from %1$s where redelivery = 'done' order by seq limit 1) is not null
      """;

  /**
   * Selects a row for each aggregate and for each skipped event to redeliver, and a last row of
   * nulls if redelivered dead letters must be deleted. The query goes from destination to
   * destination by the index. It therefore skips destinations that must not be tried, however many
   * dead letters they have. For a half-open destination, it selects one dead letter. If an earlier
   * dead letter of an aggregate waits for its destination, the later dead letters of the aggregate
   * wait, too.
   *
   * <p>If an operator has discarded the first dead letter of an aggregate, the aggregate is
   * redelivered if its next dead letter was never tried, or if no dead letter is left. If the next
   * dead letter was tried, the aggregate waits until its redelivery is requested.
   */
  private static final String FIND =
      """
      with recursive names (name) as (
        (select %4$s from %1$s where %5$s order by %4$s limit 1)
        union all
        select (select %4$s from %1$s where %5$s and %4$s > names.name order by %4$s limit 1)
        from names where names.name is not null
      ), passable (name, most) as (
        select name, case when name = any($2) then 1 else %3$d end
        from names
        where name is not null and (name = '' or name <> all($1) and not name like any($3))
      ), foremost as (
        select dead_letter.* from passable cross join lateral (
          select seq, aggregate_id, state, passable.most
          from %1$s marked
          where %5$s and %4$s = passable.name and (%2$s)
            and (state = 'skipped' and passable.most > 1
              or state = 'parked' and aggregate_id is not null and not exists (
                select from %1$s earlier
                where earlier.aggregate_id = marked.aggregate_id and earlier.seq < marked.seq
                  and earlier.state = 'parked' and %6$s
                  and (earlier.destination = any($1) or earlier.destination = any($2)
                    or earlier.destination like any($3))))
          order by seq
          limit passable.most) dead_letter
        limit 4 * %3$d
      ), given_up as (
        select aggregate_id
        from %1$s discarded
        where redelivery = 'discarded' and state = 'parked' and aggregate_id is not null and (%2$s)
          and (destination is null
            or destination <> all($1) and destination <> all($2) and not destination like any($3))
          and coalesce(
            (select attempts = 0 from %1$s head
             where head.aggregate_id = discarded.aggregate_id and state = 'parked'
               and (redelivery is null or %5$s)
             order by seq limit 1), true)
        order by seq
        limit %3$d
      )
      (select aggregate_id, null::bigint from foremost where state = 'parked'
       union
       select aggregate_id, null::bigint from given_up)
      union all
      (select null, seq from foremost where state = 'skipped')
      union all
      (select null, null where exists (select from %1$s where redelivery = 'done' and (%2$s)))
      """;

  /**
   * Requests the redelivery of aggregates with a rejected event that was last tried longer ago than
   * a number of milliseconds. Uses the server's clock, because the time of the rejection is from
   * the same clock. Leaves out rows that an operator has locked, because new dead letters are
   * written on the same connection and would wait behind this statement.
   */
  private static final String ASK =
      """
      update %1$s set redelivery = 'requested'
      where redelivery is null and seq in (
        select seq from %1$s
        where state = 'parked' and redelivery is null and attempts > 0
          and tried_at < now() - $1 * interval '1 ms' and (%2$s)
        order by tried_at
        limit %3$d
        for update skip locked)
      """;

  /**
   * Deletes dead letters that were redelivered. Keeps a dead letter if the checkpoint has not
   * passed its event, because this event may be read again.
   */
  private static final String SWEEP =
      """
      delete from %1$s where seq in (
        select seq from %1$s dead_letter
        where redelivery = 'done' and (%2$s) and not exists (
          select from %4$s, %5$s c
          where event.seq = dead_letter.seq and c.shard = $1
            and %6$s)
        limit 5 * %3$d)
      """;

  /**
   * Completes with true if there may be work for the redelivery of any shard. The query is cheap,
   * however many dead letters there are.
   */
  static Future<Boolean> isAny(SqlClient database, OutboxNames names) {
    return database
        .query(ANY.formatted(names.deadLetter(), DeadLetterState.IN_REDELIVERY, DESTINATION))
        .execute()
        .map(rows -> rows.iterator().next().getBoolean(0));
  }

  /**
   * Finds the redeliveries that are due in a shard.
   *
   * @param filter tells which destinations must not be tried now
   */
  static Future<PendingRedeliveries> find(
      SqlClient database, OutboxNames names, ShardKey share, DestinationFilter filter) {
    return database
        .preparedQuery(
            FIND.formatted(
                names.deadLetter(),
                share.mine(),
                PORTION,
                DESTINATION,
                DeadLetterState.IN_REDELIVERY,
                DeadLetterState.inRedelivery("earlier")))
        .execute(
            Tuple.tuple()
                .addArrayOfString(texts(filter.open()))
                .addArrayOfString(texts(filter.halfOpen()))
                .addArrayOfString(texts(filter.paused())))
        .map(PendingRedeliveries::of);
  }

  private static String[] texts(List<String> list) {
    return list.toArray(String[]::new);
  }

  private static PendingRedeliveries of(RowSet<Row> rows) {
    var aggregates = new ArrayList<String>();
    var deadLetters = new ArrayList<Long>();
    boolean hasSettled = false;
    for (var row : rows) {
      String aggregate = row.getString(0);
      Long deadLetter = row.getLong(1);
      if (aggregate != null) {
        aggregates.add(aggregate);
      } else if (deadLetter != null) {
        deadLetters.add(deadLetter);
      } else {
        hasSettled = true;
      }
    }
    return new PendingRedeliveries(aggregates, deadLetters, hasSettled);
  }

  /**
   * Requests the redelivery of the aggregates with a rejected event that was last tried longer than
   * {@code after} ago.
   */
  static Future<Void> ask(SqlClient database, OutboxNames names, ShardKey share, Duration after) {
    return database
        .preparedQuery(ASK.formatted(names.deadLetter(), share.mine(), PORTION))
        .execute(Tuple.of(after.toMillis()))
        .mapEmpty();
  }

  /** Deletes dead letters that were redelivered; completes with true if there may be more. */
  static Future<Boolean> sweep(SqlClient database, OutboxNames names, ShardKey share) {
    String sql =
        SWEEP.formatted(
            names.deadLetter(),
            share.mine(),
            PORTION,
            names.events("event"),
            names.checkpoint(),
            UnconfirmedEvents.condition("event", "c"));
    return database
        .preparedQuery(sql)
        .execute(Tuple.of(share.shard()))
        .map(rows -> rows.rowCount() == 5 * PORTION);
  }

  boolean isEmpty() {
    return aggregates.isEmpty() && deadLetters.isEmpty();
  }
}

package io.outboxrelay.replay;

import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.Share;
import io.outboxrelay.outbox.UnconfirmedEvents;
import io.outboxrelay.partition.Destinations.Barriers;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A portion of what is to be done with the dead letters.
 *
 * @param aggregates parked ones to replay
 * @param letters skipped ones to publish again
 * @param hasSettled whether letters stand there that are done with
 */
record Work(List<String> aggregates, List<Long> letters, boolean hasSettled) {
  private static final int PORTION = 2_000;

  /**
   * An aggregate whose head was discarded has something to do where the next was never tried, or
   * where none is left; where one is that was, that one waits to be asked for.
   */
  private static final String TO_DO =
      """
      from %1$s asked
      where state = 'parked' and aggregate_id is not null
        and (redelivery in ('requested', 'in_progress')
          or redelivery = 'discarded' and coalesce(
            (select attempts = 0 from %1$s head
             where head.aggregate_id = asked.aggregate_id and state = 'parked'
               and (redelivery is null or redelivery in ('requested', 'in_progress'))
             order by seq limit 1), true))
        and (%2$s)
      """;

  private static final String AGGREGATES = "select distinct aggregate_id " + TO_DO;

  /** Of a destination that is half open, one aggregate is enough to learn more. */
  private static final String AGGREGATES_BEHIND_BARRIERS =
      """
      select aggregate_id
      from (
        select aggregate_id, destination, row_number() over (partition by destination) as place
        from (
          select distinct on (aggregate_id) aggregate_id, destination
      """
          + TO_DO
          + """
          order by aggregate_id, seq) heads
        where destination is null
          or destination <> all($1) and not destination like any($3)) placed
      where destination is null or destination <> all($2) or place = 1
      """;

  private static final String FIND =
      """
      (select aggregate_id, null::bigint from (%4$s) parked limit %3$d)
      union all
      (select null, seq from %1$s
       where state = 'skipped' and redelivery in ('requested', 'in_progress') and (%2$s)
         and (destination is null
           or destination <> all($1) and destination <> all($2) and not destination like any($3))
       order by seq limit %3$d)
      union all
      (select null, null where exists (select from %1$s where redelivery = 'done' and (%2$s)))
      """;

  /** By the server's clock, which also noted the rejection. */
  private static final String ASK =
      """
      update %1$s set redelivery = 'requested'
      where redelivery is null and seq in (
        select seq from %1$s
        where state = 'parked' and redelivery is null and attempts > 0
          and tried_at < now() - $1 * interval '1 ms' and (%2$s)
        order by tried_at
        limit %3$d)
      """;

  /** A letter that a checkpoint has not passed is needed still: its event may be read again. */
  private static final String SWEEP =
      """
      delete from %1$s where seq in (
        select seq from %1$s letter
        where redelivery = 'done' and (%2$s) and not exists (
          select from %4$s event, %5$s c
          where event.seq = letter.seq and c.shard = $1
            and %6$s)
        limit 5 * %3$d)
      """;

  /**
   * Looks for it.
   *
   * @param barriers what is not to be tried yet
   */
  static Future<Work> find(SqlClient database, OutboxNames names, Share share, Barriers barriers) {
    String mine = share.mine();
    String letters = names.deadLetter();
    String aggregates = barriers.areNone() ? AGGREGATES : AGGREGATES_BEHIND_BARRIERS;
    return database
        .preparedQuery(FIND.formatted(letters, mine, PORTION, aggregates.formatted(letters, mine)))
        .execute(
            Tuple.tuple()
                .addArrayOfString(texts(barriers.closed()))
                .addArrayOfString(texts(barriers.halfOpen()))
                .addArrayOfString(texts(barriers.paused())))
        .map(Work::of);
  }

  private static String[] texts(List<String> list) {
    return list.toArray(String[]::new);
  }

  private static Work of(RowSet<Row> rows) {
    var aggregates = new ArrayList<String>();
    var letters = new ArrayList<Long>();
    boolean hasSettled = false;
    for (var row : rows) {
      String aggregate = row.getString(0);
      Long letter = row.getLong(1);
      if (aggregate != null) {
        aggregates.add(aggregate);
      } else if (letter != null) {
        letters.add(letter);
      } else {
        hasSettled = true;
      }
    }
    return new Work(aggregates, letters, hasSettled);
  }

  /** Asks for the aggregates whose head was rejected so long ago. */
  static Future<Void> ask(SqlClient database, OutboxNames names, Share share, Duration after) {
    return database
        .preparedQuery(ASK.formatted(names.deadLetter(), share.mine(), PORTION))
        .execute(Tuple.of(after.toMillis()))
        .mapEmpty();
  }

  /** Deletes letters that are done with for good; completes with whether there may be more. */
  static Future<Boolean> sweep(SqlClient database, OutboxNames names, Share share) {
    String sql =
        SWEEP.formatted(
            names.deadLetter(),
            share.mine(),
            PORTION,
            names.outbox(),
            names.checkpoint(),
            UnconfirmedEvents.condition("event", "c"));
    return database
        .preparedQuery(sql)
        .execute(Tuple.of(share.shard()))
        .map(rows -> rows.rowCount() == 5 * PORTION);
  }

  boolean isEmpty() {
    return aggregates.isEmpty() && letters.isEmpty();
  }
}

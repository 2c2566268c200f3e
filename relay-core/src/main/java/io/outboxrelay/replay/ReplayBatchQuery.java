package io.outboxrelay.replay;

import io.outboxrelay.deadletter.DeadLetter;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.UnreadableRow;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/** Reads the events of one replay from the table, batch by batch. */
final class ReplayBatchQuery {
  /**
   * The highest number of sequence numbers that one batch scans. The scan takes about ten
   * milliseconds if no event matches.
   */
  static final int MAX_WALK = 50_000;

  /**
   * Selects the next events of the replay, each with the reason for which it is left out, or null,
   * and with the running total of the bytes. The running total limits the bytes of a batch before
   * any payload is fetched.
   */
  private static final String SQL =
      """
      select %1$s, left_out, total
      from (
        select *, sum(size) over (order by seq rows unbounded preceding) as total
        from (
          select event.*, %3$s as size, %4$s as left_out
          from %2$s
          where event.seq > $5 and event.seq <= $6 and %5$s
            and pg_visible_in_snapshot(event.xid, (select $7::text::pg_snapshot))
          order by event.seq
          limit $8
        ) passage
      ) sized
      where total - size < $9
      """;

  private final SqlClient database;
  private final Replay replay;
  private final EventColumns columns;
  private final OutboxNames names;
  private final String sql;
  private final long maxBytes;

  ReplayBatchQuery(
      SqlClient database, OutboxNames names, EventColumns columns, Replay replay, long maxBytes) {
    this.database = database;
    this.replay = replay;
    this.columns = columns;
    this.maxBytes = maxBytes;
    this.names = names;
    this.sql = sql(columns);
  }

  private String sql(EventColumns read) {
    return SQL.formatted(
        read.select(),
        ReplayEligibility.events(names),
        read.sizeOf("event."),
        ReplayEligibility.LEFT_OUT,
        ReplayFilter.CONDITION);
  }

  /**
   * Reads the events above {@code position}, at most {@code most}. If PostgreSQL cannot print one
   * of these events, reads only the first of them. If PostgreSQL cannot print this event, reads the
   * event without its payload and headers and marks it with a defect, so that it counts as
   * rejected.
   */
  Future<ReplayBatch> read(long position, int most) {
    return read(sql, position, most, null)
        .recover(
            failure ->
                UnreadableRow.canBeCauseOf(failure)
                    ? read(sql, position, 1, null)
                    : Future.failedFuture(failure))
        .recover(
            failure ->
                UnreadableRow.canBeCauseOf(failure)
                    ? read(
                        sql(columns.withoutContent()), position, 1, UnreadableRow.reason(failure))
                    : Future.failedFuture(failure));
  }

  private Future<ReplayBatch> read(
      String statement, long position, int most, @Nullable String defect) {
    long walkEnd = Math.min(replay.bounds().top(), position + MAX_WALK);
    var values = replay.order().replayFilter().values();
    values
        .addLong(position)
        .addLong(walkEnd)
        .addString(replay.bounds().seen())
        .addInteger(most)
        .addLong(maxBytes);
    return database
        .preparedQuery(statement)
        .execute(values)
        .map(rows -> replayBatch(rows, most, walkEnd, defect));
  }

  private ReplayBatch replayBatch(
      RowSet<Row> rows, int most, long walkEnd, @Nullable String defect) {
    var events = new ArrayList<DeadLetter>(rows.size());
    var defects = new HashMap<Long, String>(0);
    int waiting = 0;
    int deadLetters = 0;
    long last = walkEnd;
    long total = 0;
    for (var row : rows) {
      String leftOut = row.getString(columns.count());
      if (leftOut == null) {
        var event = columns.event(row, defects::putIfAbsent);
        if (defect != null) {
          defects.put(event.seq(), defect);
        }
        events.add(new DeadLetter(marked(event), defects.get(event.seq())));
      } else if (leftOut.equals("waiting")) {
        waiting++;
      } else {
        deadLetters++;
      }
      last = row.getLong(0);
      total = row.getLong(columns.count() + 1);
    }
    boolean full = rows.size() >= most || total >= maxBytes;
    return new ReplayBatch(events, new LeftOutEvents(waiting, deadLetters), full ? last : walkEnd);
  }

  /** Adds a header by which consumers recognize a replayed event. */
  private OutboxEvent marked(OutboxEvent event) {
    var headers = new LinkedHashMap<>(event.headers());
    headers.put(MessageHeaders.EVENT_REPLAY, Long.toString(replay.id()));
    return event.withHeaders(headers);
  }
}

package io.outboxrelay.outbox;

import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;

/**
 * Numbers the rows that were in a table before it was adopted. Their numbers are below those of all
 * later rows, so they are published first, in their order.
 *
 * <p>Each portion is a transaction of its own, so an application that changes one of these rows
 * waits for a moment only. If the numbering is interrupted, the next run numbers the remaining
 * rows.
 */
final class RowNumbering {
  private static final int PORTION = 2_000;

  /**
   * Sorts the rows into a temporary table. Without that table, each portion could sort all rows
   * again.
   */
  private static final String ORDER =
      """
      drop table if exists pg_temp.outbox_relay_order;
      create temporary table outbox_relay_order as
        select row_number() over (order by %3$s) as place, %2$s as id from %1$s where %4$s is null;
      create index on pg_temp.outbox_relay_order (place);
      analyze pg_temp.outbox_relay_order;
      """;

  /**
   * Selects the number below the first one to assign, and the number of rows. If an earlier run has
   * numbered some rows, the new numbers follow those.
   */
  private static final String FIRST =
      """
      select coalesce((select max(%2$s) from %1$s where %2$s < s.seqstart), s.seqstart - 1 - places),
             places
      from pg_sequence s, (select count(*) as places from pg_temp.outbox_relay_order) ordered
      where s.seqrelid = to_regclass('%3$s')
      """;

  private static final String NUMBER =
      """
      update %1$s event
      set %2$s = pg_current_xact_id(), %3$s = %6$d + ordered.place,
          %4$s = coalesce(event.%4$s, now())
      from pg_temp.outbox_relay_order ordered
      where event.%5$s = ordered.id and event.%3$s is null
        and ordered.place > %7$d and ordered.place <= %8$d
      """;

  /**
   * Sets the position of each shard that no relay has led yet. The position of any other shard was
   * set by its relay, and is kept.
   */
  private static final String BEGIN =
      """
      update %1$s set top = first - 1, floor = first - 1
      from (select min(%3$s) as first from %2$s) event
      where epoch = 0 and top < first - 1
      """;

  private final PgConnection connection;
  private final OutboxNames names;
  private final ShortLocks locks;

  RowNumbering(PgConnection connection, OutboxNames names, ShortLocks locks) {
    this.connection = connection;
    this.names = names;
    this.locks = locks;
  }

  /** Returns true if the ids are numbers, so that they give the order of the rows. */
  static boolean hasNumberedIds(OutboxColumns columns) {
    return columns.idType() == EventIdType.NUMBER;
  }

  /** Numbers all rows that have no number; no relay may have used the table yet. */
  Future<Void> run() {
    var columns = names.columns();
    String order =
        hasNumberedIds(columns)
            ? columns.sql(OutboxColumn.ID)
            : columns.sql(OutboxColumn.CREATED_AT) + " nulls first, ctid";
    return connection
        .query(
            ORDER.formatted(
                names.outbox(), columns.sql(OutboxColumn.ID), order, columns.sql(OutboxColumn.SEQ)))
        .execute()
        .compose(
            sorted ->
                connection
                    .query(
                        FIRST.formatted(
                            names.outbox(),
                            columns.sql(OutboxColumn.SEQ),
                            names.sequence().replace("'", "''")))
                    .execute())
        .map(rows -> rows.iterator().next())
        .compose(row -> from(row.getLong(0), 0, row.getLong(1)));
  }

  private Future<Void> from(long before, long place, long places) {
    if (place >= places) {
      return Future.succeededFuture();
    }
    var columns = names.columns();
    String portion =
        NUMBER.formatted(
            names.outbox(),
            columns.sql(OutboxColumn.XID),
            columns.sql(OutboxColumn.SEQ),
            columns.sql(OutboxColumn.CREATED_AT),
            columns.sql(OutboxColumn.ID),
            before,
            place,
            place + PORTION);
    return locks
        .change(() -> connection.query(portion).execute().<Void>mapEmpty())
        .compose(numbered -> from(before, place + PORTION, places));
  }

  /**
   * Sets the start position of relays just below the first number in the table, because lower
   * numbers were never assigned.
   */
  Future<Void> beginThere() {
    return connection
        .query(
            BEGIN.formatted(
                names.checkpoint(), names.outbox(), names.columns().sql(OutboxColumn.SEQ)))
        .execute()
        .mapEmpty();
  }
}

package io.outboxrelay.outbox;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Verifies that the relay can work with the tables in the database. */
public final class OutboxTable {
  private static final String COLUMNS =
      """
      select attname, format_type(atttypid, null)
      from pg_attribute
      where attrelid = to_regclass($1) and attnum > 0 and not attisdropped
      """;

  /**
   * Touches no row. If a table or a privilege is missing, the server reports it now instead of in
   * the middle of the work.
   */
  private static final String REHEARSAL =
      """
      select from %1$s where false;
      delete from %1$s where false;
      update %2$s set epoch = epoch where false;
      insert into %3$s (seq, state, reason) select seq, state, reason from %3$s where false;
      update %3$s set redelivery = redelivery, attempts = attempts, destination = destination,
                      tried_at = tried_at where false;
      delete from %3$s where false;
      update %4$s set position = position where false;
      select from %5$s where false;
      insert into %6$s (range, shard, events, digest)
        select range, shard, events, digest from %6$s where false
        on conflict (range, shard) do update set events = excluded.events;
      insert into %7$s (range, delivered, standing, digest)
        select range, delivered, standing, digest from %7$s where false;
      """;

  private static final List<String> NEEDED =
      List.of(
          "xid",
          "seq",
          "id",
          "aggregate_type",
          "aggregate_id",
          "event_type",
          "payload",
          "headers",
          "created_at");

  private OutboxTable() {}

  /** Reports that a part of the outbox is missing or wrong; the message names the remedy. */
  public static final class IncompleteException extends RuntimeException {
    IncompleteException(String message) {
      super(message, null, false, false);
    }
  }

  /**
   * Fails with {@link IncompleteException}, or with the server's error, if the relay could not do
   * its work.
   */
  public static Future<Void> verify(SqlClient database, OutboxNames names) {
    return payloadType(database, names)
        .compose(
            type ->
                database
                    .query(
                        REHEARSAL.formatted(
                            names.outbox(),
                            names.checkpoint(),
                            names.deadLetter(),
                            names.replays(),
                            names.pause(),
                            names.account(),
                            names.difference()))
                    .execute())
        .compose(rehearsed -> Numbering.verify(database, names));
  }

  /**
   * Completes with the payload column's type; fails with {@link IncompleteException} if a column is
   * missing.
   */
  public static Future<PayloadType> payloadType(SqlClient database, OutboxNames names) {
    return database
        .preparedQuery(COLUMNS)
        .execute(Tuple.of(names.outbox()))
        .map(
            rows -> {
              Map<String, String> types = new HashMap<>();
              rows.forEach(row -> types.put(row.getString(0), row.getString(1)));
              return payloadType(types, names);
            });
  }

  private static PayloadType payloadType(Map<String, String> types, OutboxNames names) {
    if (types.isEmpty()) {
      throw new IncompleteException(
          "the table "
              + names.outbox()
              + " is not there; run the command init, or set outbox.schema and outbox.table");
    }
    var missing = new ArrayList<>(NEEDED);
    missing.removeAll(types.keySet());
    if (!missing.isEmpty()) {
      throw new IncompleteException(
          "the table "
              + names.outbox()
              + " lacks "
              + String.join(", ", missing)
              + "; compare it with what the command init --print prints");
    }
    String type = String.valueOf(types.get("payload"));
    return Stream.of(PayloadType.values())
        .filter(known -> known.sql().equals(type))
        .findAny()
        .orElseThrow(
            () ->
                new IncompleteException(
                    "the payload column of "
                        + names.outbox()
                        + " is "
                        + type
                        + "; it must be jsonb, json, text or bytea"));
  }
}

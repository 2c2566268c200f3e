package io.outboxrelay.outbox;

import io.outboxrelay.publish.ColumnType;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Verifies that the relay can work with the outbox's tables in the database. */
public final class OutboxTable {
  private static final String COLUMNS =
      """
      select attname, %s, %s, format_type(coalesce(nullif(t.typbasetype, 0), t.oid),
               case when t.typbasetype = 0 then atttypmod else t.typtypmod end), attnotnull
      from pg_attribute join pg_type t on t.oid = atttypid
      where attrelid = to_regclass($1) and attnum > 0 and not attisdropped
      """
          .formatted(NeededColumns.base("t"), NeededColumns.readAs("t"));

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

  private OutboxTable() {}

  /** Reports that a part of the outbox is missing or wrong; the message names the remedy. */
  public static final class IncompleteException extends RuntimeException {
    IncompleteException(String message) {
      super(message, null, false, false);
    }

    /** Returns the failure for a checkpoint table that has no row for a shard. */
    public static IncompleteException ofCheckpoint(OutboxNames names, int shard) {
      return new IncompleteException(
          "%s lacks the row of shard %d, so it is unknown what was published; restore it"
              .formatted(names.checkpoint(), shard));
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
   * missing or has a type that the relay cannot read.
   */
  public static Future<PayloadType> payloadType(SqlClient database, OutboxNames names) {
    return database
        .preparedQuery(COLUMNS)
        .execute(Tuple.of(names.outbox()))
        .map(
            rows -> {
              Map<String, Column> columns = new HashMap<>();
              rows.forEach(
                  row ->
                      columns.put(
                          row.getString(0),
                          new Column(row.getString(1), row.getString(2), columnType(row))));
              return payloadType(columns, names);
            });
  }

  /**
   * Returns the type of a column as the relay reads it. Every type of character strings, such as
   * {@code citext}, is read as {@code text}.
   */
  private static ColumnType columnType(Row row) {
    String readAs = row.getString(2);
    return new ColumnType(readAs.equals("text") ? readAs : row.getString(3), !row.getBoolean(4));
  }

  /**
   * A column as the server describes it.
   *
   * @param type the name of the type; for a domain, the name of the type on which the domain is
   *     based
   * @param readAs the name of the type as which the relay reads the column: {@code text} for every
   *     type of character strings
   * @param whole the type with its modifier, such as a length
   */
  private record Column(String type, String readAs, ColumnType whole) {}

  private static PayloadType payloadType(Map<String, Column> columns, OutboxNames names) {
    if (columns.isEmpty()) {
      throw new IncompleteException(
          "the table "
              + names.outbox()
              + " is not there; "
              + (names.columns().isMapped() ? "create it" : "run the command init")
              + ", or set outbox.schema and outbox.table");
    }
    var needed = NeededColumns.types(names.columns());
    var missing = new ArrayList<>(needed.keySet());
    missing.removeAll(columns.keySet());
    missing.removeIf(names.columns().further()::mayLack);
    if (!missing.isEmpty()) {
      throw new IncompleteException(
          "the table "
              + names.outbox()
              + " lacks "
              + String.join(", ", missing)
              + (names.columns().isMapped()
                  ? "; the command init --adopt adds "
                      + String.join(", ", names.columns().added())
                      + ", and outbox.columns names the others, or says none"
                  : "; compare it with what the command init --print prints"));
    }
    needed.forEach(
        (name, types) -> {
          if (columns.containsKey(name)) {
            verify(name, types, columns, names);
          }
        });
    names
        .columns()
        .further()
        .learn(
            columns.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, one -> one.getValue().whole())));
    return PayloadType.valueOf(
        Objects.requireNonNull(columns.get(names.columns().required(OutboxColumn.PAYLOAD)))
            .readAs()
            .toUpperCase(Locale.ROOT));
  }

  private static void verify(
      String name, Set<String> types, Map<String, Column> columns, OutboxNames names) {
    var column = Objects.requireNonNull(columns.get(name));
    if (!NeededColumns.isReadable(names.columns(), types, column.type(), column.readAs())) {
      throw new IncompleteException(
          "the column "
              + name
              + " of "
              + names.outbox()
              + " is of type "
              + column.type()
              + ", and "
              + String.join(" or ", types.stream().sorted().toList())
              + " was expected; the command check says how to correct it");
    }
  }
}

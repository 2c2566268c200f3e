package io.outboxrelay.outbox;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Verifies how events get their transaction ids and sequence numbers. If an event is numbered in
 * another way, it can become visible at a position that was already read, and would then never be
 * published.
 */
public final class Numbering {
  private static final String FIND =
      """
      select seqcache, seqincrement, seqcycle,
             (select pg_get_expr(adbin, adrelid) from pg_attrdef join pg_attribute a
                on a.attrelid = adrelid and a.attnum = adnum
              where adrelid = to_regclass($2) and attname = $3),
             (select pg_get_expr(adbin, adrelid) from pg_attrdef join pg_attribute a
                on a.attrelid = adrelid and a.attnum = adnum
              where adrelid = to_regclass($2) and attname = $4)
      from pg_sequence where seqrelid = to_regclass($1)
      """;

  private Numbering() {}

  /**
   * Fails with {@link OutboxTable.IncompleteException} if events could be lost because of their
   * numbering. Changes nothing in the database.
   */
  public static Future<Void> verify(SqlClient database, OutboxNames names) {
    return database
        .preparedQuery(FIND)
        .execute(
            Tuple.of(
                names.sequence(),
                names.outbox(),
                names.columns().required(OutboxColumn.XID),
                names.columns().required(OutboxColumn.SEQ)))
        .compose(
            rows -> {
              var defect =
                  rows.size() == 0
                      ? Optional.of(
                          "the sequence "
                              + names.sequence()
                              + " is not there; run the command init"
                              + (names.columns().isMapped() ? " --adopt" : ""))
                      : defect(rows.iterator().next(), names);
              return defect.isEmpty()
                  ? Future.succeededFuture()
                  : Future.failedFuture(new OutboxTable.IncompleteException(defect.get()));
            });
  }

  private static Optional<String> defect(Row row, OutboxNames names) {
    long cache = row.getLong(0);
    long increment = row.getLong(1);
    boolean cycles = row.getBoolean(2);
    if (cache != 1 || increment != 1 || cycles) {
      return Optional.of(
          "the sequence %s has cache %d and increment %d%s; it must have cache 1, increment 1 and no"
                  .formatted(names.sequence(), cache, increment, cycles ? ", and cycles" : "")
              + " cycle, because events that are numbered out of order could be lost. Nothing is"
              + " published until that is corrected: alter sequence "
              + names.sequence()
              + " cache 1 increment 1 no cycle");
    }
    if (!isOwnTransactionId(row.getString(3))) {
      return Optional.of(wrongDefault(OutboxColumn.XID, row.getString(3), names));
    }
    return isNumberedAfterTransactionId(row.getString(4))
        ? Optional.empty()
        : Optional.of(wrongDefault(OutboxColumn.SEQ, row.getString(4), names));
  }

  private static String wrongDefault(
      OutboxColumn column, @Nullable String found, OutboxNames names) {
    return "the column %s of %s has %s; events that are not numbered by the default that init sets"
            .formatted(
                names.columns().required(column),
                names.outbox(),
                found == null ? "no default" : "the default " + found)
        + " could be lost. Nothing is published until that is corrected; the command check says"
        + " how";
  }

  /**
   * Returns true if a default of the column {@code xid} yields the id of the inserting transaction.
   *
   * @param expression the default as PostgreSQL prints it; null if there is none
   */
  public static boolean isOwnTransactionId(@Nullable String expression) {
    return matches(expression, "pg_current_xact_id\\(\\)");
  }

  /**
   * Returns true if a default of the column {@code seq} takes a sequence number only after the
   * transaction has got its id.
   *
   * @param expression the default as PostgreSQL prints it; null if there is none
   */
  public static boolean isNumberedAfterTransactionId(@Nullable String expression) {
    return matches(
        expression, "case when \\(?pg_current_xact_id\\(\\) is not null\\)? then nextval.*");
  }

  private static boolean matches(@Nullable String expression, String pattern) {
    return expression != null
        && expression.strip().replaceAll("\\s+", " ").matches("(?i)" + pattern);
  }
}

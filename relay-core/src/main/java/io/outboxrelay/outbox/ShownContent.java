package io.outboxrelay.outbox;

import io.vertx.sqlclient.Row;
import org.jspecify.annotations.Nullable;

/**
 * The headers and the payload of an event as operators read them, from the outbox or from the dead
 * letters.
 *
 * @param payload the payload as the server prints it: JSON, text, or {@code \x} and hexadecimal
 *     digits
 * @param source the row from which the values come
 */
public record ShownContent(ShownValue headers, ShownValue payload, Source source) {
  /** The number of columns that {@link #columns} selects. */
  public static final int COLUMNS = 2;

  /**
   * The row that holds the values.
   *
   * @param table the name of the table in SQL
   * @param seq the sequence number of the row
   * @param type the type of the payload column
   */
  public record Source(String table, long seq, PayloadType type) {}

  /**
   * Returns the SQL expressions, separated by commas. {@link #of} reads their results.
   *
   * @param row the alias of the row with a dot, or empty
   */
  public static String columns(String row, PayloadType type) {
    return ShownValue.headers(row) + ", " + ShownValue.payload(row, type);
  }

  /**
   * Reads the results of the SQL expressions, of which the first is in the column with the index
   * {@code column}.
   */
  public static ShownContent of(Row row, int column, Source source) {
    return new ShownContent(ShownValue.of(row, column), ShownValue.of(row, column + 1), source);
  }

  /** Returns a sentence about the missing part of the headers; null if they are complete. */
  public @Nullable String headersIncomplete() {
    return headers.remedy("headers", source.table, source.seq);
  }

  /** Returns a sentence about the missing part of the payload; null if it is complete. */
  public @Nullable String payloadIncomplete() {
    return payload.remedy("payload", source.table, source.seq);
  }
}

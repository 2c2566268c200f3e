package io.outboxrelay.outbox;

import io.outboxrelay.format.CountFormat;
import io.outboxrelay.publish.ShellWord;
import io.vertx.sqlclient.Row;
import org.jspecify.annotations.Nullable;

/**
 * The headers or the payload of an event as operators read them: the beginning of the text, and the
 * size of all of it. A value in the table can have any size, so the server cuts it before it is
 * sent.
 *
 * @param text the text as the server prints it, or its beginning; null for SQL's null, and for a
 *     value that was not printed
 * @param shown the number of bytes of the part that {@code text} contains
 * @param bytes the number of bytes of the whole value; of a value that was not printed, the number
 *     of bytes in the server's memory
 */
public record ShownValue(@Nullable String text, long shown, long bytes) {
  /**
   * The most characters of a text that are sent, and the most bytes of a {@code bytea}. It is more
   * than the largest message that Kafka accepts by default, and low enough for several simultaneous
   * requests in a small heap.
   */
  public static final int MOST = 2 << 20;

  /** Returns true if a part of the value is missing. */
  public boolean isIncomplete() {
    return shown < bytes;
  }

  /**
   * Returns an SQL expression for the payload. {@link #of} reads its result.
   *
   * @param row the alias of the row with a dot, or empty
   */
  public static String payload(String row, PayloadType type) {
    return type.shown(row + "payload", MOST);
  }

  /**
   * Returns an SQL expression for the headers. {@link #of} reads its result.
   *
   * @param row the alias of the row with a dot, or empty
   */
  public static String headers(String row) {
    return PayloadType.JSONB.shown(row + "headers", MOST);
  }

  /**
   * Reads the result of an SQL expression of this class in the column with the index {@code
   * column}.
   */
  public static ShownValue of(Row row, int column) {
    String[] parts = row.getArrayOfStrings(column);
    return new ShownValue(parts[0], number(parts[1]), number(parts[2]));
  }

  private static long number(@Nullable String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }

  /**
   * Returns an SQL expression for a text column that operators read in lists. If the text has more
   * than {@link EventColumns#MOST_OF_AN_ID} bytes, it is cut, and ends with a note about that.
   */
  public static String line(String column) {
    return """
        case when octet_length(%1$s) <= %2$d then %1$s
             else left(%1$s, 200) || ' [cut off here; it has ' || octet_length(%1$s) || ' bytes]' end"""
        .formatted(column, EventColumns.MOST_OF_AN_ID);
  }

  /**
   * Returns a sentence about the missing part and how to get it; null if the value is complete.
   *
   * @param column the name of the column
   * @param table the name of the table in SQL
   */
  public @Nullable String remedy(String column, String table, long seq) {
    if (!isIncomplete()) {
      return null;
    }
    String missing =
        text == null
            ? "nothing is here, because printing "
                + CountFormat.of(bytes)
                + " bytes of jsonb takes too long"
            : "only the first "
                + CountFormat.of(shown)
                + " of "
                + CountFormat.of(bytes)
                + " bytes are here";
    return missing
        + "; for all of it run psql -At -o "
        + column
        + "-"
        + seq
        + " -c "
        + ShellWord.of("select " + column + " from " + table + " where seq = " + seq);
  }
}

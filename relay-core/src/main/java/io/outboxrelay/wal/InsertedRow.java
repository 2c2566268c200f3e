package io.outboxrelay.wal;

import io.outboxrelay.outbox.OutboxColumn;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The values of one row, inserted or deleted, in PostgreSQL's text form.
 *
 * <p>The object refers to the bytes of the message without copying them. It is reused for the next
 * row.
 */
@SuppressWarnings("EnumOrdinal") // the index into arrays of this class, stored nowhere
final class InsertedRow {
  private static final int ABSENT = -1;
  private static final int COLUMNS = OutboxColumn.values().length;

  private final int[] from;
  private final int[] length;
  private byte[] message = new byte[0];
  private boolean isKeyMissing;

  /**
   * @param further the number of columns besides those of {@link OutboxColumn}
   */
  InsertedRow(int further) {
    from = new int[COLUMNS + further];
    length = new int[COLUMNS + further];
  }

  /** Begins a new row, in which all values are null. */
  void reset(byte[] bytes) {
    message = bytes;
    isKeyMissing = false;
    Arrays.fill(length, ABSENT);
  }

  void set(OutboxColumn column, int at, int bytes) {
    from[column.ordinal()] = at;
    length[column.ordinal()] = bytes;
  }

  void setFurther(int number, int at, int bytes) {
    from[COLUMNS + number] = at;
    length[COLUMNS + number] = bytes;
  }

  /**
   * If the aggregate id is null, gives the row its id as the aggregate id. {@link #isKeyMissing}
   * then returns true.
   */
  void replaceMissingKey() {
    if (isNull(OutboxColumn.AGGREGATE_ID)) {
      isKeyMissing = true;
      set(
          OutboxColumn.AGGREGATE_ID,
          from[OutboxColumn.ID.ordinal()],
          length[OutboxColumn.ID.ordinal()]);
    }
  }

  boolean isKeyMissing() {
    return isKeyMissing;
  }

  boolean isNull(OutboxColumn column) {
    return length[column.ordinal()] == ABSENT;
  }

  /** Returns the number of bytes of the text form; zero for null. */
  int size(OutboxColumn column) {
    return Math.max(0, length[column.ordinal()]);
  }

  @Nullable String text(OutboxColumn column) {
    return text(column.ordinal());
  }

  /**
   * Returns the value of a column that is not one of {@link OutboxColumn}; null for SQL's null.
   *
   * @param number the index of the column among these columns, from 0
   */
  @Nullable String further(int number) {
    return text(COLUMNS + number);
  }

  /**
   * Returns the number of bytes of the text forms of all columns that are not one of {@link
   * OutboxColumn}.
   */
  long furtherSize() {
    long size = 0;
    for (int at = COLUMNS; at < length.length; at++) {
      size += Math.max(0, length[at]);
    }
    return size;
  }

  private @Nullable String text(int at) {
    return length[at] == ABSENT
        ? null
        : new String(message, from[at], length[at], StandardCharsets.UTF_8);
  }

  byte @Nullable [] bytes(OutboxColumn column) {
    int at = column.ordinal();
    return length[at] == ABSENT
        ? null
        : Arrays.copyOfRange(message, from[at], from[at] + length[at]);
  }

  /**
   * Returns the value as a number; -1 for null. The columns that are read as numbers contain no
   * negative numbers.
   */
  long number(OutboxColumn column) {
    int at = column.ordinal();
    if (length[at] == ABSENT) {
      return -1;
    }
    long number = 0;
    for (int i = from[at]; i < from[at] + length[at]; i++) {
      int digit = message[i] - '0';
      if (digit < 0 || digit > 9) {
        throw new LogFailure(
            LogFailure.Reason.CONTENT,
            "a row in the log has the "
                + column.sql()
                + " "
                + text(column)
                + ", which is not a number");
      }
      number = number * 10 + digit;
    }
    return number;
  }
}

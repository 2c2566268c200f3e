package io.outboxrelay.wal;

import io.outboxrelay.outbox.OutboxColumn;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The values of one row, inserted or deleted, in PostgreSQL's text form.
 *
 * <p>Refers to the bytes of the message without copying them, and is reused for the next row.
 */
@SuppressWarnings("EnumOrdinal") // the index into arrays of this class, stored nowhere
final class InsertedRow {
  private static final int ABSENT = -1;
  private static final int COLUMNS = OutboxColumn.values().length;

  private byte[] message = new byte[0];
  private final int[] from = new int[COLUMNS];
  private final int[] length = new int[COLUMNS];

  /** Begins a new row, in which all values are null. */
  void reset(byte[] bytes) {
    message = bytes;
    Arrays.fill(length, ABSENT);
  }

  void set(OutboxColumn column, int at, int bytes) {
    from[column.ordinal()] = at;
    length[column.ordinal()] = bytes;
  }

  boolean isNull(OutboxColumn column) {
    return length[column.ordinal()] == ABSENT;
  }

  /** Returns the number of bytes of the text form; zero for null. */
  int size(OutboxColumn column) {
    return Math.max(0, length[column.ordinal()]);
  }

  @Nullable String text(OutboxColumn column) {
    int at = column.ordinal();
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

  /** Returns a number that is not negative; -1 for null. */
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
                + ", which is no number");
      }
      number = number * 10 + digit;
    }
    return number;
  }
}

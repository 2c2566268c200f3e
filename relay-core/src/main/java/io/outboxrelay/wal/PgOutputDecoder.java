package io.outboxrelay.wal;

import io.outboxrelay.outbox.FurtherColumns;
import io.outboxrelay.outbox.OutboxColumn;
import io.outboxrelay.outbox.OutboxColumns;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the messages of {@code pgoutput}, protocol version 1, and passes on the inserts into one
 * table and the deletes from it.
 *
 * <p>The server describes a table before its first row and again after each change, so columns may
 * be added, dropped or reordered while the log is read. Updates, truncations and other tables are
 * ignored. See "Logical Replication Message Formats" in PostgreSQL's documentation.
 */
final class PgOutputDecoder {
  private static final int NO_COLUMN = -1;

  private final int outbox;
  private final OutboxColumns names;
  private final ChangeListener listener;
  private final InsertedRow row;
  private @Nullable OutboxColumn @Nullable [] columns;

  /**
   * For each column of the table, by position: its index in {@link FurtherColumns#names}, if it is
   * such a column.
   */
  private int[] further = {};

  /**
   * @param outbox the oid of the table
   * @param names the names of the table's columns
   */
  PgOutputDecoder(int outbox, OutboxColumns names, ChangeListener listener) {
    this.outbox = outbox;
    this.names = names;
    this.listener = listener;
    this.row = new InsertedRow(names.further().names().size());
  }

  /**
   * Decodes one message.
   *
   * @throws LogFailure if the message is not valid, or if the table lacks a column
   */
  void decode(byte[] message, int from) throws InterruptedException {
    var in = ByteBuffer.wrap(message, from, message.length - from);
    char kind = (char) in.get();
    switch (kind) {
      case 'B' -> begin(in);
      case 'C' -> commit(in);
      case 'R' -> relation(in);
      case 'I' -> insert(in, message);
      case 'D' -> delete(in, message);
      // Ignored: update, truncate, origin, the type of a column, a message that belongs to no
      // table.
      case 'U', 'T', 'O', 'Y', 'M' -> {}
      default ->
          throw new LogFailure(
              LogFailure.Reason.CONTENT,
              "the server sent a message of the kind " + kind + ", which pgoutput 1 does not have");
    }
  }

  private void begin(ByteBuffer in) throws InterruptedException {
    in.getLong(); // where the commit begins
    in.getLong(); // when it was committed
    listener.begin(in.getInt());
  }

  private void commit(ByteBuffer in) throws InterruptedException {
    in.get(); // flags, none yet
    in.getLong(); // where the commit begins
    listener.commit(in.getLong());
  }

  private void relation(ByteBuffer in) {
    if (in.getInt() != outbox) {
      return;
    }
    text(in); // schema
    text(in); // table
    in.get(); // replica identity
    Map<String, OutboxColumn> wanted = new HashMap<>();
    names.names().forEach((column, name) -> wanted.put(name, column));
    Set<OutboxColumn> missing = new HashSet<>(wanted.values());
    var found = new @Nullable OutboxColumn[in.getShort()];
    var numbers = new int[found.length];
    for (int i = 0; i < found.length; i++) {
      in.get(); // flags
      String name = text(in);
      var column = wanted.get(name);
      numbers[i] = names.further().names().indexOf(name);
      in.getInt(); // oid of the type
      in.getInt(); // modifier of the type
      found[i] = column;
      if (column != null) {
        missing.remove(column);
      }
    }
    if (!missing.isEmpty()) {
      throw new LogFailure(
          LogFailure.Reason.CONTENT,
          "the log describes the outbox without the column "
              + String.join(", ", missing.stream().map(names::required).sorted().toList()),
          "run check, which says what the table lacks");
    }
    columns = found;
    further = numbers;
  }

  private static String text(ByteBuffer in) {
    int from = in.position();
    while (in.get() != 0) {
      // The text ends at the terminating zero, which is not part of it.
    }
    return new String(
        in.array(), from + in.arrayOffset(), in.position() - from - 1, StandardCharsets.UTF_8);
  }

  private void insert(ByteBuffer in, byte[] message) throws InterruptedException {
    if (in.getInt() == outbox) {
      row(in, message);
      if (names.further().marksMissingKeys()) {
        row.replaceMissingKey();
      }
      listener.insert(row);
    }
  }

  private void delete(ByteBuffer in, byte[] message) throws InterruptedException {
    if (in.getInt() == outbox) {
      row(in, message);
      listener.delete(row);
    }
  }

  private void row(ByteBuffer in, byte[] message) {
    var known = columns;
    if (known == null) {
      throw new LogFailure(
          LogFailure.Reason.CONTENT, "the server sent a row of the outbox before its columns");
    }
    in.get(); // N: a new row; K: the key of an old row; O: a whole old row
    int count = in.getShort();
    if (count != known.length) {
      throw new LogFailure(
          LogFailure.Reason.CONTENT,
          "the server sent a row with " + count + " columns, and the outbox has " + known.length);
    }
    row.reset(message);
    for (int i = 0; i < known.length; i++) {
      value(in, known[i], further[i]);
    }
  }

  private void value(ByteBuffer in, @Nullable OutboxColumn column, int number) {
    char kind = (char) in.get();
    int length =
        switch (kind) {
          case 'n' -> NO_COLUMN;
          case 't' -> in.getInt();
          default ->
              throw new LogFailure(
                  LogFailure.Reason.CONTENT,
                  "the server sent a value of the kind " + kind + "; text or null was expected");
        };
    if (length != NO_COLUMN) {
      if (column != null) {
        row.set(column, in.position(), length);
        if (column == OutboxColumn.ID && names.name(OutboxColumn.AGGREGATE_ID).isEmpty()) {
          row.set(OutboxColumn.AGGREGATE_ID, in.position(), length);
        }
      }
      if (number != NO_COLUMN) {
        row.setFurther(number, in.position(), length);
      }
      in.position(in.position() + length);
    }
  }
}

package io.outboxrelay.wal;

import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.FurtherColumns;
import io.outboxrelay.outbox.OutboxColumn;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.publish.ColumnType;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Converts rows of the log to events. The events are equal to those that the relay reads from the
 * table.
 */
final class LoggedEvents {
  private static final DateTimeFormatter TIMESTAMP =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendLiteral(' ')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .appendPattern("x")
          .toFormatter();

  /** The number of characters before the digits of a bytea in hexadecimal form. */
  private static final int HEX_PREFIX = 2;

  private final LogStream.RowFormat format;

  LoggedEvents(LogStream.RowFormat format) {
    this.format = format;
  }

  /**
   * @param defects receives the sequence number and the reason if the row cannot become a message
   */
  OutboxEvent event(InsertedRow row, BiConsumer<Long, String> defects) {
    return format.events().event(new LoggedRow(row, format), defects);
  }

  /** Returns the event's id, with which the account counts the event. */
  UUID id(InsertedRow row) {
    var id = new LoggedRow(row, format).id();
    return id == null ? EventColumns.NO_ID : id;
  }

  private static final class LoggedRow implements EventColumns.UnboundedRow {
    private final InsertedRow row;
    private final LogStream.RowFormat format;

    /**
     * The headers that an event gets from further columns; null if the event has the headers of the
     * column {@code headers}.
     */
    private final @Nullable String furtherHeaders;

    LoggedRow(InsertedRow row, LogStream.RowFormat format) {
      this.row = row;
      this.format = format;
      furtherHeaders = furtherHeaders(row, format.columns().further());
    }

    private static @Nullable String furtherHeaders(InsertedRow row, FurtherColumns further) {
      if (further.names().isEmpty() && !row.isKeyMissing()) {
        return null;
      }
      var headers = new JsonObject();
      for (int i = 0; i < further.names().size(); i++) {
        String name = further.names().get(i);
        String value = row.further(i);
        if (value != null) {
          headers.put(name, asCast(value, further.types().get(name)));
        }
      }
      if (row.isKeyMissing()) {
        headers.put(FurtherColumns.NO_KEY, "true");
      }
      return headers.encode();
    }

    /**
     * Returns a value as a cast to text writes it, because the table is read with such casts. The
     * log has the output of the type, which differs from the cast for booleans only.
     */
    private static String asCast(String value, @Nullable ColumnType type) {
      return type != null && type.sql().equals("boolean")
          ? String.valueOf(value.equals("t"))
          : value;
    }

    @Override
    public long seq() {
      return row.number(OutboxColumn.SEQ);
    }

    @Override
    public @Nullable UUID id() {
      String id = row.text(OutboxColumn.ID);
      return id == null ? null : format.columns().idType().uuid(id);
    }

    @Override
    public @Nullable String text(EventColumns.TextColumn column) {
      String absent = absent(column);
      return absent == null ? row.text(logged(column)) : absent;
    }

    @Override
    public int size(EventColumns.TextColumn column) {
      String absent = absent(column);
      return absent == null
          ? row.size(logged(column))
          : absent.getBytes(StandardCharsets.UTF_8).length;
    }

    /**
     * Returns the value that takes the place of the column's value; null if the column's own value
     * is used.
     */
    private @Nullable String absent(EventColumns.TextColumn column) {
      if (column == EventColumns.TextColumn.HEADERS) {
        return furtherHeaders;
      }
      return (column == EventColumns.TextColumn.AGGREGATE_TYPE
                  || column == EventColumns.TextColumn.EVENT_TYPE)
              && format.columns().name(logged(column)).isEmpty()
          ? format.columns().absentType()
          : null;
    }

    private static OutboxColumn logged(EventColumns.TextColumn column) {
      return switch (column) {
        case AGGREGATE_TYPE -> OutboxColumn.AGGREGATE_TYPE;
        case AGGREGATE_ID -> OutboxColumn.AGGREGATE_ID;
        case EVENT_TYPE -> OutboxColumn.EVENT_TYPE;
        case HEADERS -> OutboxColumn.HEADERS;
      };
    }

    @Override
    public @Nullable Buffer payload() {
      if (format.payload() != PayloadType.BYTEA) {
        byte[] bytes = row.bytes(OutboxColumn.PAYLOAD);
        return bytes == null ? null : Buffer.buffer(bytes);
      }
      String hex = row.text(OutboxColumn.PAYLOAD);
      return hex == null
          ? null
          : Buffer.buffer(HexFormat.of().parseHex(hex, HEX_PREFIX, hex.length()));
    }

    @Override
    public @Nullable OffsetDateTime createdAt() {
      return time(row.text(OutboxColumn.CREATED_AT));
    }
  }

  /**
   * Returns the parsed time. If the time is infinite, or its year cannot be parsed, returns the
   * latest time that Java can represent.
   */
  private static @Nullable OffsetDateTime time(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return TIMESTAMP.parse(text, OffsetDateTime::from);
    } catch (DateTimeParseException e) {
      return OffsetDateTime.MAX;
    }
  }
}

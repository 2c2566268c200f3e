package io.outboxrelay.wal;

import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.buffer.Buffer;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Makes events of rows in the log, equal to the events that the table's rows become. */
final class LoggedEvents {
  private static final DateTimeFormatter TIMESTAMP =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendLiteral(' ')
          .append(DateTimeFormatter.ISO_LOCAL_TIME)
          .appendPattern("x")
          .toFormatter();

  /** The prefix of a bytea in hexadecimal digits. */
  private static final int HEX_PREFIX = 2;

  private final EventColumns columns;
  private final PayloadType type;

  LoggedEvents(EventColumns columns, PayloadType type) {
    this.columns = columns;
    this.type = type;
  }

  /**
   * @param defects receives the sequence number and a message if the row cannot become a message
   */
  OutboxEvent event(InsertedRow row, BiConsumer<Long, String> defects) {
    String id = row.text(OutboxColumn.ID);
    return columns.event(
        new EventColumns.Values(
            row.number(OutboxColumn.SEQ),
            id == null ? null : UUID.fromString(id),
            row.text(OutboxColumn.AGGREGATE_TYPE),
            row.text(OutboxColumn.AGGREGATE_ID),
            row.text(OutboxColumn.EVENT_TYPE),
            payload(row),
            row.text(OutboxColumn.HEADERS),
            time(row.text(OutboxColumn.CREATED_AT)),
            new EventColumns.Sizes(
                row.size(OutboxColumn.AGGREGATE_TYPE),
                row.size(OutboxColumn.AGGREGATE_ID),
                row.size(OutboxColumn.EVENT_TYPE),
                row.size(OutboxColumn.HEADERS))),
        defects);
  }

  private @Nullable Buffer payload(InsertedRow row) {
    if (type != PayloadType.BYTEA) {
      byte[] bytes = row.bytes(OutboxColumn.PAYLOAD);
      return bytes == null ? null : Buffer.buffer(bytes);
    }
    String hex = row.text(OutboxColumn.PAYLOAD);
    return hex == null
        ? null
        : Buffer.buffer(HexFormat.of().parseHex(hex, HEX_PREFIX, hex.length()));
  }

  /** An infinite time, or one outside the years that a message can have, becomes the latest one. */
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

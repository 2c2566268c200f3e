package io.outboxrelay.outbox;

import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How a row of the outbox becomes an event.
 *
 * <p>A row that cannot become a message, such as one without an aggregate id, still becomes an
 * event, and its defect is told beside it: the relay moves it to the dead letters.
 */
public final class EventColumns {
  /**
   * How many bytes an aggregate id may have: what an index can hold, and {@code init} allows. A row
   * of an older table may have more.
   */
  public static final int MOST_OF_AN_ID = 1_024;

  /**
   * Stands in the column {@code headers}, as JSON, of a dead letter that is no copy of its event.
   */
  public static final String NOT_COPIED = "\"not copied\"";

  private static final UUID NO_ID = new UUID(0, 0);
  private static final OffsetDateTime EARLIEST =
      OffsetDateTime.of(1, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
  private static final OffsetDateTime TOO_LATE =
      OffsetDateTime.of(10_000, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

  private final PayloadType payload;

  public EventColumns(PayloadType payload) {
    this.payload = payload;
  }

  /** The select list, in the order {@link #event} reads; nothing may stand before it. */
  public String select() {
    return select(payload.bytesOf("payload"));
  }

  /** The same, but null for the payload of rows that do not meet a condition. */
  public String selectWhere(String condition) {
    return select("case when " + condition + " then " + payload.bytesOf("payload") + " end");
  }

  private static String select(String payload) {
    return "seq, id, aggregate_type, aggregate_id, event_type, "
        + payload
        + ", headers::text, created_at";
  }

  /** How many bytes an event has, roughly, in SQL. */
  public String size() {
    return payload.sizeOf("payload");
  }

  /** How many columns {@link #select} has. */
  public int count() {
    return 8;
  }

  /**
   * Reads one row.
   *
   * @param defects is told the sequence number and a sentence where the row cannot become a message
   */
  public OutboxEvent event(Row row, BiConsumer<Long, String> defects) {
    long seq = row.getLong(0);
    return new OutboxEvent(
        seq,
        required(row.getUUID(1), NO_ID, seq, "id", defects),
        required(row.getString(2), "", seq, "aggregate_type", defects),
        aggregateId(row.getString(3), seq, defects),
        required(row.getString(4), "", seq, "event_type", defects),
        payload.payload(row.getBuffer(5)),
        payload.contentType(),
        headers(row.getString(6), seq, defects),
        createdAt(row.getOffsetDateTime(7), seq, defects));
  }

  /** Reads rows without those that will be dead letters whatever the broker says. */
  public List<OutboxEvent> sound(RowSet<Row> rows) {
    var defective = new HashSet<Long>();
    var events = new ArrayList<OutboxEvent>();
    rows.forEach(row -> events.add(event(row, (seq, defect) -> defective.add(seq))));
    events.removeIf(event -> defective.contains(event.seq()));
    return List.copyOf(events);
  }

  /**
   * A time outside ISO 8601's four-digit years, infinity included, fits neither Kafka's nor
   * RabbitMQ's timestamp, so it is a defect of the event.
   */
  private static Instant createdAt(
      @Nullable OffsetDateTime time, long seq, BiConsumer<Long, String> defects) {
    if (time == null) {
      return Instant.EPOCH;
    }
    if (time.isBefore(EARLIEST) || !time.isBefore(TOO_LATE)) {
      defects.accept(
          seq,
          "its created_at is infinite or outside the years 1 to 9999, so no message can have it");
      return Instant.EPOCH;
    }
    return time.toInstant();
  }

  private static <T> T required(
      @Nullable T value, T orElse, long seq, String column, BiConsumer<Long, String> defects) {
    if (value == null) {
      defects.accept(seq, "its " + column + " is null, and a value was expected");
    }
    return Objects.requireNonNullElse(value, orElse);
  }

  private static String aggregateId(
      @Nullable String id, long seq, BiConsumer<Long, String> defects) {
    if (id != null && id.isEmpty()) {
      defects.accept(seq, "its aggregate_id is empty, so it has no place in any order");
    }
    if (id != null && isTooLong(id)) {
      defects.accept(seq, tooLong(id));
      return "";
    }
    return required(id, "", seq, "aggregate_id", defects);
  }

  private static boolean isTooLong(String id) {
    return id.length() > MOST_OF_AN_ID
        || (id.length() * 3 > MOST_OF_AN_ID
            && id.getBytes(StandardCharsets.UTF_8).length > MOST_OF_AN_ID);
  }

  /** No event of such an aggregate is ever published, so none can overtake another. */
  private static String tooLong(String id) {
    return "its aggregate_id has %d bytes and may have %d, as its later events could not be kept in order"
            .formatted(id.getBytes(StandardCharsets.UTF_8).length, MOST_OF_AN_ID)
        + " behind it in the dead letters; it begins with "
        + id.substring(0, 40);
  }

  private static Map<String, String> headers(
      @Nullable String json, long seq, BiConsumer<Long, String> defects) {
    if (json == null || json.equals("null")) {
      return Map.of();
    }
    if (json.equals(NOT_COPIED)) {
      defects.accept(
          seq,
          "its payload and headers were not copied to the dead letters, as the database refused to"
              + " store them; give it both with dead-letters edit, or discard it");
      return Map.of();
    }
    try {
      var headers = new LinkedHashMap<String, String>();
      for (var entry : new JsonObject(json)) {
        if (!(entry.getValue() instanceof String text)) {
          defects.accept(
              seq, "its header " + entry.getKey() + " is not a string; headers are strings only");
          return Map.of();
        }
        headers.put(entry.getKey(), text);
      }
      return headers;
    } catch (DecodeException e) {
      defects.accept(seq, "its headers column is not a JSON object of strings");
      return Map.of();
    }
  }
}

package io.outboxrelay.outbox;

import io.outboxrelay.publish.ColumnType;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
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
 * Reads the columns of an outbox row and makes an event of them.
 *
 * <p>A row that cannot become a message, such as one without an aggregate id, still becomes an
 * event, and its defect is reported with it: the relay moves it to the dead letters.
 */
public final class EventColumns {
  /**
   * The most bytes that an aggregate id may have. An index can hold that many, and the table that
   * {@code init} creates allows no more; a row of an older table may have more.
   */
  public static final int MOST_OF_AN_ID = 1_024;

  /**
   * The JSON value of the column {@code headers} in a dead letter that is not a full copy of its
   * event.
   */
  public static final String NOT_COPIED = "\"not copied\"";

  /**
   * The most bytes of a payload, or of headers, by default. It is more than brokers accept by
   * default (Kafka 1 MiB, RabbitMQ 4 16 MiB), and small enough for a small heap, because an event
   * needs about five times its size while it is published.
   */
  public static final long DEFAULT_MOST_BYTES = 32L << 20;

  /**
   * The most bytes of an aggregate type or an event type. Brokers accept fewer; a row of an older
   * table may have any number.
   */
  private static final int MOST_OF_A_TYPE = 65_536;

  /** The id of an event of which the row has none. */
  public static final UUID NO_ID = new UUID(0, 0);

  /** Stands for headers that are too large. It is no JSON, so no headers are equal to it. */
  private static final String WITHHELD = "withheld";

  /**
   * Stands for headers that are too large in the server's memory, so their text was not produced.
   */
  private static final String UNPRINTED = "unprinted";

  private static final String IDENTITY =
      "seq, id, %s, %s, %s, "
          .formatted(
              bounded("aggregate_type", MOST_OF_A_TYPE),
              bounded("aggregate_id", MOST_OF_AN_ID),
              bounded("event_type", MOST_OF_A_TYPE));

  private static final OffsetDateTime EARLIEST =
      OffsetDateTime.of(1, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);
  private static final OffsetDateTime TOO_LATE =
      OffsetDateTime.of(10_000, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

  private final PayloadType payload;
  private final long mostBytes;
  private final boolean tellsCompression;
  private final Detail detail;
  private final FurtherColumns further;

  /** Of the table that was verified before, so that one page has one of them. */
  private final Map<String, ColumnType> types;

  private enum Detail {
    ALL,
    WITHOUT_CONTENT,
    NUMBER
  }

  public EventColumns(PayloadType payload) {
    this(payload, DEFAULT_MOST_BYTES, false, Detail.ALL, FurtherColumns.NONE);
  }

  /**
   * Returns the columns for one server.
   *
   * @param table the columns of the outbox, which was verified on this server
   * @param mostBytes the most bytes of a payload, and of headers; a larger value is not fetched,
   *     and is reported as the event's defect
   */
  public static EventColumns of(
      SqlConnection connection, OutboxColumns table, PayloadType payload, long mostBytes) {
    return new EventColumns(
        payload,
        mostBytes,
        connection.databaseMetadata().majorVersion() >= 14,
        Detail.ALL,
        table.further());
  }

  private EventColumns(
      PayloadType payload,
      long mostBytes,
      boolean tellsCompression,
      Detail detail,
      FurtherColumns further) {
    this.further = further;
    this.types = further.types();
    this.payload = payload;
    this.mostBytes = mostBytes;
    this.tellsCompression = tellsCompression;
    this.detail = detail;
  }

  /**
   * Returns the columns with null for payload and headers, because PostgreSQL may be unable to
   * print one of them.
   */
  public EventColumns withoutContent() {
    return with(Detail.WITHOUT_CONTENT);
  }

  /**
   * Returns the columns with null for all except sequence number, id and time, because PostgreSQL
   * can be unable to print any of the others.
   */
  public EventColumns numberOnly() {
    return with(Detail.NUMBER);
  }

  private EventColumns with(Detail other) {
    return new EventColumns(payload, mostBytes, tellsCompression, other, further);
  }

  /** Returns true for the result of {@link #numberOnly}. */
  public boolean isNumberOnly() {
    return detail == Detail.NUMBER;
  }

  /**
   * Returns the select list in the order that {@link #event} reads; it must come first in the row.
   */
  public String select() {
    return select("true", "true");
  }

  /**
   * Returns the select list with null for the payload and headers of rows that do not meet a
   * condition.
   */
  public String selectWhere(String condition) {
    return select(condition, condition);
  }

  /** Returns the select list with null for all payloads. */
  public String selectWithoutPayload() {
    return select("false", "true");
  }

  private String select(String withPayload, String withHeaders) {
    return switch (detail) {
      case ALL ->
          IDENTITY
              + "case when %s then %s end, case when %s then %s end, created_at, %s"
                  .formatted(
                      withPayload
                          + " and ("
                          + payload.exceeds("payload", mostBytes)
                          + ") is not true",
                      payload.bytesOf("payload", mostBytes, tellsCompression),
                      withHeaders,
                      PayloadType.jsonText(
                          "headers", mostBytes, tellsCompression, WITHHELD, UNPRINTED),
                      flaw());
      case WITHOUT_CONTENT -> IDENTITY + "null::bytea, null, created_at, null";
      case NUMBER -> "seq, id, null, null, null, null::bytea, null, created_at, null";
    };
  }

  private static String bounded(String column, int most) {
    return "case when octet_length(%1$s) <= %2$d then %1$s end".formatted(column, most);
  }

  /**
   * Returns an SQL expression that tells why a row was not fetched completely; null for nearly all
   * rows.
   */
  private String flaw() {
    return """
        case
          when octet_length(aggregate_id) > %1$d then
            'its aggregate_id has ' || octet_length(aggregate_id) || ' bytes and may have %1$d, because its later'
            || ' events could not be kept in order behind it in the dead letters; it begins with '
            || left(aggregate_id, 40)
          when octet_length(aggregate_type) > %2$d then
            'its aggregate_type has ' || octet_length(aggregate_type) || ' bytes and may have %2$d'
          when octet_length(event_type) > %2$d then
            'its event_type has ' || octet_length(event_type) || ' bytes and may have %2$d'
          when %3$s then '%4$s'
        end"""
        .formatted(
            MOST_OF_AN_ID,
            MOST_OF_A_TYPE,
            payload.exceeds("payload", mostBytes),
            payloadTooLarge());
  }

  private String payloadTooLarge() {
    return "its payload has " + tooMuch() + ", so it was not read";
  }

  private String headersTooLarge() {
    return "its headers have " + tooMuch() + ", so they were not read";
  }

  private String payloadUnprinted() {
    return "its payload has " + tooMuchInMemory() + ", so it was not read";
  }

  private String headersUnprinted() {
    return "its headers have " + tooMuchInMemory() + ", so they were not read";
  }

  private String tooMuch() {
    return "more than the %d bytes that relay.max-event-size allows".formatted(mostBytes);
  }

  /**
   * Returns the reason why a text was not produced. Its size is not known, and may be within the
   * limit.
   */
  private String tooMuchInMemory() {
    return "more than %d bytes as jsonb in PostgreSQL's memory, which is %d times the %d bytes that relay.max-event-size allows"
        .formatted(PayloadType.UNPACKED * mostBytes, PayloadType.UNPACKED, mostBytes);
  }

  /**
   * Returns an SQL expression for the approximate bytes of an event, as cheap as the server allows.
   * Compressed values count twenty times, so that a page has room for the uncompressed ones.
   */
  public String size() {
    return sizeOf("");
  }

  /**
   * Returns {@link #size} for a row with an alias.
   *
   * @param row the alias with a dot, or empty
   */
  public String sizeOf(String row) {
    if (detail != Detail.ALL) {
      return "200";
    }
    return "(200 + coalesce(%s, 0) + coalesce(%s, 0) + coalesce(%s, 0) + coalesce(%s, 0) + coalesce(%s, 0))"
        .formatted(
            payload.sizeOf(row + "payload", tellsCompression),
            PayloadType.JSONB.sizeOf(row + "headers", tellsCompression),
            "octet_length(" + row + "aggregate_type)",
            "octet_length(" + row + "aggregate_id)",
            "octet_length(" + row + "event_type)");
  }

  /** Returns the number of columns that {@link #select} has. */
  public int count() {
    return 9;
  }

  /**
   * Makes an event of one row.
   *
   * @param defects receives the sequence number and a message if the row cannot become a message
   */
  public OutboxEvent event(Row row, BiConsumer<Long, String> defects) {
    long seq = row.getLong(0);
    String flaw = flaw(row);
    if (flaw != null) {
      // This defect replaces all others, because columns that were not fetched are null.
      defects.accept(seq, flaw);
      return event(row, (ofRow, defect) -> {}, seq);
    }
    return event(row, defects, seq);
  }

  private @Nullable String flaw(Row row) {
    if (row.getString(8) != null) {
      return row.getString(8);
    }
    if (payload.isWithheld(row.getBuffer(5))) {
      return payload.isUnprinted(row.getBuffer(5)) ? payloadUnprinted() : payloadTooLarge();
    }
    String headers = row.getString(6);
    if (UNPRINTED.equals(headers)) {
      return headersUnprinted();
    }
    return WITHHELD.equals(headers) ? headersTooLarge() : null;
  }

  private OutboxEvent event(Row row, BiConsumer<Long, String> defects, long seq) {
    return OutboxEvent.builder(seq, required(row.getUUID(1), NO_ID, seq, "id", defects))
        .aggregate(
            required(row.getString(2), "", seq, "aggregate_type", defects),
            aggregateId(row.getString(3), seq, defects))
        .type(required(row.getString(4), "", seq, "event_type", defects))
        .payload(
            payload.isWithheld(row.getBuffer(5)) ? null : payload.payload(row.getBuffer(5)),
            payload.contentType())
        .headers(
            further.withTraceContext(
                headers(isLeftOut(row.getString(6)) ? null : row.getString(6), seq, defects)))
        .createdAt(createdAt(row.getOffsetDateTime(7), seq, defects))
        .columnTypes(types)
        .build();
  }

  private static boolean isLeftOut(@Nullable String headers) {
    return WITHHELD.equals(headers) || UNPRINTED.equals(headers);
  }

  /** The columns with a text of any length. */
  public enum TextColumn {
    AGGREGATE_TYPE,
    AGGREGATE_ID,
    EVENT_TYPE,
    HEADERS
  }

  /** A row that was not read by {@link #select}, so nothing has bounded its values. */
  public interface UnboundedRow {
    long seq();

    @Nullable UUID id();

    @Nullable String text(TextColumn column);

    /** Returns the bytes of the text in UTF-8; zero for null. */
    int size(TextColumn column);

    /** Returns the bytes that a message gets. */
    @Nullable Buffer payload();

    @Nullable OffsetDateTime createdAt();
  }

  /**
   * Makes an event of one row, equal to the event that {@link #event(Row, BiConsumer)} makes of the
   * row.
   *
   * @param defects receives the sequence number and a message if the row cannot become a message
   */
  public OutboxEvent event(UnboundedRow row, BiConsumer<Long, String> defects) {
    var bytes = row.payload();
    String flaw = flaw(row, bytes);
    if (flaw != null) {
      // This defect replaces all others, because values that are too large are left out.
      defects.accept(row.seq(), flaw);
      return event(row, bytes, (ofRow, defect) -> {});
    }
    return event(row, bytes, defects);
  }

  private OutboxEvent event(
      UnboundedRow row, @Nullable Buffer bytes, BiConsumer<Long, String> defects) {
    long seq = row.seq();
    String type = bounded(row, TextColumn.AGGREGATE_TYPE, MOST_OF_A_TYPE);
    return OutboxEvent.builder(seq, required(row.id(), NO_ID, seq, "id", defects))
        .aggregate(
            required(type, "", seq, "aggregate_type", defects),
            aggregateId(bounded(row, TextColumn.AGGREGATE_ID, MOST_OF_AN_ID), seq, defects))
        .type(
            required(
                bounded(row, TextColumn.EVENT_TYPE, MOST_OF_A_TYPE),
                "",
                seq,
                "event_type",
                defects))
        .payload(isTooLarge(bytes) ? null : bytes, payload.contentType())
        .headers(
            further.withTraceContext(
                headers(bounded(row, TextColumn.HEADERS, mostBytes), seq, defects)))
        .createdAt(createdAt(row.createdAt(), seq, defects))
        .columnTypes(types)
        .build();
  }

  private static @Nullable String bounded(UnboundedRow row, TextColumn column, long most) {
    return row.size(column) > most ? null : row.text(column);
  }

  private boolean isTooLarge(@Nullable Buffer bytes) {
    return bytes != null && bytes.length() > mostBytes;
  }

  /** Returns the same sentence as the expression of {@link #flaw()}. */
  private @Nullable String flaw(UnboundedRow row, @Nullable Buffer bytes) {
    int ofId = row.size(TextColumn.AGGREGATE_ID);
    if (ofId > MOST_OF_AN_ID) {
      String id = Objects.requireNonNullElse(row.text(TextColumn.AGGREGATE_ID), "");
      return "its aggregate_id has %1$d bytes and may have %2$d, because its later events could not be kept in order behind it in the dead letters; it begins with %3$s"
          .formatted(
              ofId,
              MOST_OF_AN_ID,
              id.substring(
                  0, id.offsetByCodePoints(0, Math.min(40, id.codePointCount(0, id.length())))));
    }
    if (row.size(TextColumn.AGGREGATE_TYPE) > MOST_OF_A_TYPE) {
      return "its aggregate_type has %d bytes and may have %d"
          .formatted(row.size(TextColumn.AGGREGATE_TYPE), MOST_OF_A_TYPE);
    }
    if (row.size(TextColumn.EVENT_TYPE) > MOST_OF_A_TYPE) {
      return "its event_type has %d bytes and may have %d"
          .formatted(row.size(TextColumn.EVENT_TYPE), MOST_OF_A_TYPE);
    }
    if (isTooLarge(bytes)) {
      return payloadTooLarge();
    }
    return row.size(TextColumn.HEADERS) > mostBytes ? headersTooLarge() : null;
  }

  /** Returns the approximate bytes that the texts of a row need in memory. */
  public long textBytes(Row row) {
    return length(row.getString(2))
        + length(row.getString(3))
        + length(row.getString(4))
        + 2 * length(row.getString(6));
  }

  private static long length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }

  /** Makes events of rows, without the rows that have a defect and become dead letters. */
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
    return required(id, "", seq, "aggregate_id", defects);
  }

  private static Map<String, String> headers(
      @Nullable String json, long seq, BiConsumer<Long, String> defects) {
    if (json == null || json.equals("null")) {
      return Map.of();
    }
    if (json.equals(NOT_COPIED)) {
      defects.accept(
          seq,
          "its payload and headers were not copied to the dead letters, because the database refused"
              + " to store them; give it both with dead-letters edit, or discard it");
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

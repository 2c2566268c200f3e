package io.outboxrelay.outbox;

import io.outboxrelay.publish.ColumnType;
import io.outboxrelay.publish.MessageHeaders;
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
 * <p>A row without an aggregate id, for example, cannot become a message. Such a row still becomes
 * an event. Its defect, which is the reason as a sentence, is reported with the event, and the
 * relay moves the event to the dead letters.
 */
public final class EventColumns {
  /**
   * The most bytes that an aggregate id may have. An index can hold so many bytes, and the table
   * that {@code init} creates allows no more. In an older table, an id can be longer.
   */
  public static final int MOST_OF_AN_ID = 1_024;

  /**
   * The JSON value of the column {@code headers} in a dead letter for which headers and payload
   * were not copied from the event.
   */
  public static final String NOT_COPIED = "\"not copied\"";

  /**
   * The most bytes that a payload may have by default; the headers may have as many. It is more
   * than brokers accept by default (Kafka 1 MiB, RabbitMQ 4 16 MiB), and small enough for a small
   * heap, because an event needs about five times its size while it is published.
   */
  public static final long DEFAULT_MOST_BYTES = 32L << 20;

  /**
   * The most bytes of an aggregate type or an event type. Brokers accept fewer bytes. In an older
   * table, a type can have any length.
   */
  private static final int MOST_OF_A_TYPE = 65_536;

  /** The id that an event gets if its row has none. */
  public static final UUID NO_ID = new UUID(0, 0);

  /**
   * The value that the query returns in place of headers that are too large. It is not valid JSON,
   * so it differs from all real headers.
   */
  private static final String WITHHELD = "withheld";

  /**
   * The value that the query returns in place of headers that take too much of the server's memory,
   * so that their text was not produced.
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

  /**
   * The types of the columns of the table, as they were verified last. They are copied here so that
   * all events of one page get the same types.
   */
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
   * @param connection a connection to the server
   * @param table the columns of the outbox, which must have been verified on this server
   * @param mostBytes the most bytes that a payload may have, and the most that headers may have; a
   *     larger value is not fetched, and is reported as the event's defect
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
   * Returns columns with null, in the select list, in place of the payload and the headers. Used if
   * PostgreSQL cannot return a row, because one of these two values is the most likely cause.
   */
  public EventColumns withoutContent() {
    return with(Detail.WITHOUT_CONTENT);
  }

  /**
   * Returns columns with null, in the select list, in place of all values except the sequence
   * number, the id and the time. Used if PostgreSQL cannot return a row even without its payload
   * and headers.
   */
  public EventColumns numberOnly() {
    return with(Detail.NUMBER);
  }

  private EventColumns with(Detail other) {
    return new EventColumns(payload, mostBytes, tellsCompression, other, further);
  }

  /** Returns true if these columns are the result of {@link #numberOnly}. */
  public boolean isNumberOnly() {
    return detail == Detail.NUMBER;
  }

  /**
   * Returns the select list that {@link #event} reads. Its columns must be the first ones of the
   * query's row.
   */
  public String select() {
    return select("true", "true");
  }

  /**
   * Returns the select list for a query that fetches payload and headers only of rows that meet an
   * SQL condition; they are null in all other rows.
   */
  public String selectWhere(String condition) {
    return select(condition, condition);
  }

  /** Returns the select list with null in place of the payload. */
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
   * Returns an SQL expression for the reason, as a sentence, why a row was not fetched completely.
   * The value is null for nearly all rows.
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
   * Returns the part of a sentence for a {@code jsonb} of which no text was produced. The size of
   * the text is not known, and may be within the limit.
   */
  private String tooMuchInMemory() {
    return "more than %d bytes as jsonb in PostgreSQL's memory, which is %d times the %d bytes that relay.max-event-size allows"
        .formatted(PayloadType.UNPACKED * mostBytes, PayloadType.UNPACKED, mostBytes);
  }

  /**
   * Returns an SQL expression for the approximate bytes of an event, as cheap as the server allows.
   * A compressed value counts with twenty times its size, so that a page does not become too large
   * when its values are decompressed.
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

  /** Returns the number of columns in the list of {@link #select}. */
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
      // This defect replaces all others: columns that were not fetched are null, and would each
      // look like a defect.
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

  /** The columns that contain a text of any length. */
  public enum TextColumn {
    AGGREGATE_TYPE,
    AGGREGATE_ID,
    EVENT_TYPE,
    HEADERS
  }

  /**
   * A row with values of any size, because it was not read with {@link #select}, which limits the
   * sizes.
   */
  public interface UnboundedRow {
    long seq();

    @Nullable UUID id();

    @Nullable String text(TextColumn column);

    /** Returns the bytes of the text in UTF-8; zero for null. */
    int size(TextColumn column);

    /** Returns the payload as a message contains it; null for SQL's null. */
    @Nullable Buffer payload();

    @Nullable OffsetDateTime createdAt();
  }

  /**
   * Makes an event of one row. It is equal to the event that {@link #event(Row, BiConsumer)} makes
   * of the same row of the table.
   *
   * @param defects receives the sequence number and a message if the row cannot become a message
   */
  public OutboxEvent event(UnboundedRow row, BiConsumer<Long, String> defects) {
    var bytes = row.payload();
    String flaw = flaw(row, bytes);
    if (flaw != null) {
      // This defect replaces all others: values that are too large are left out, and would each
      // look like a defect.
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

  /**
   * Returns the reason why a row is not used completely, in the words of the SQL expression of
   * {@link #flaw()}; null for nearly all rows.
   */
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

  /** Makes events of rows. Rows with a defect are left out, because they become dead letters. */
  public List<OutboxEvent> sound(RowSet<Row> rows) {
    var defective = new HashSet<Long>();
    var events = new ArrayList<OutboxEvent>();
    rows.forEach(row -> events.add(event(row, (seq, defect) -> defective.add(seq))));
    events.removeIf(event -> defective.contains(event.seq()));
    return List.copyOf(events);
  }

  /**
   * Returns the time of an event. A time that is infinite or outside the years 1 to 9999 is a
   * defect, because it does not fit into the timestamp of a Kafka or RabbitMQ message. The result
   * is then the epoch.
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
        // Only a replay may add this header, because consumers recognize replayed messages by it.
        if (!entry.getKey().equals(MessageHeaders.EVENT_REPLAY)) {
          headers.put(entry.getKey(), text);
        }
      }
      return headers;
    } catch (DecodeException e) {
      defects.accept(seq, "its headers column is not a JSON object of strings");
      return Map.of();
    }
  }
}

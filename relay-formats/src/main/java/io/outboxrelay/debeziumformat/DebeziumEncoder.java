package io.outboxrelay.debeziumformat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.outboxrelay.debezium.ColumnPlacement;
import io.outboxrelay.debezium.EventRouterConfig;
import io.outboxrelay.debeziumformat.DebeziumMessage.Header;
import io.outboxrelay.outbox.FurtherColumns;
import io.outboxrelay.outbox.OutboxColumn;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.jspecify.annotations.Nullable;

/**
 * Turns events into the messages that Debezium's outbox event router, with Kafka Connect's
 * converters, makes of the rows of the same table.
 *
 * <p>For one thread.
 */
public final class DebeziumEncoder {
  private static final int MOST_SCHEMAS = 100;

  private final DebeziumFormat format;
  private final EventRouterConfig router;
  private final PartConverter keys;
  private final PartConverter values;
  private final PartConverter headers;
  private final PayloadExpansion expansion;
  private final String payloadColumn;
  private final Map<EnvelopeKey, Schema> envelopes = new HashMap<>();
  private TableSchema table = new TableSchema(Map.of());

  /** The placements by their place, without the placements of columns that the table lacks. */
  private Map<ColumnPlacement.Place, List<ColumnPlacement>> placements = Map.of();

  private record EnvelopeKey(Schema payload, @Nullable Integer version, String route) {}

  DebeziumEncoder(DebeziumFormat format) {
    this.format = format;
    this.router = format.router();
    keys = PartConverter.of(router.converters().key(), "key");
    values = PartConverter.of(router.converters().value(), "value");
    headers = PartConverter.of(router.converters().header(), "header");
    payloadColumn = format.columns().required(OutboxColumn.PAYLOAD);
    expansion = new PayloadExpansion(router.payload(), payloadColumn);
  }

  /**
   * Returns the message of one event.
   *
   * @throws io.outboxrelay.publish.PublishException.Rejected if a column has a value that no
   *     message can have
   */
  public DebeziumMessage of(OutboxEvent event) {
    if (!table.isOf(event.columnTypes())) {
      table = new TableSchema(event.columnTypes());
      envelopes.clear();
      placements =
          router.placements().stream()
              .filter(placement -> table.has(placement.column()))
              .collect(Collectors.groupingBy(ColumnPlacement::place));
    }
    return new DebeziumMessage(
        key(event), value(event), headers(event), partition(event), timestamp(event));
  }

  private @Nullable Buffer key(OutboxEvent event) {
    String column = format.columns().name(OutboxColumn.AGGREGATE_ID).orElse(null);
    if (column == null) {
      return keys.write(Schema.STRING_SCHEMA, event.aggregateId());
    }
    return keys.write(table.schema(column), table.value(column, text(event, column)));
  }

  private @Nullable Buffer value(OutboxEvent event) {
    var payload = event.payload();
    String text = payload == null || isBytes() ? null : payload.toString(UTF_8);
    boolean isEmpty = payload == null || (text != null && text.isBlank());
    if (isEmpty && router.payload().tombstones()) {
      return null;
    }
    if (!router.hasEnvelope() && !router.payload().expands() && payload != null && isVerbatim()) {
      return payload;
    }
    var part = payload(payload, text);
    if (router.hasEnvelope()) {
      var schema = envelope(event, part.schema());
      return values.write(schema, filled(event, new Struct(schema).put("payload", part.value())));
    }
    return values.write(part.schema(), part.value());
  }

  private boolean isVerbatim() {
    return switch (router.converters().value()) {
      case STRING, BINARY -> true;
      case JSON, JSON_WITHOUT_SCHEMAS -> false;
    };
  }

  private boolean isBytes() {
    return table.schema(payloadColumn).type() == Schema.Type.BYTES;
  }

  private SchemaAndValue payload(@Nullable Buffer payload, @Nullable String text) {
    if (text != null && router.payload().expands()) {
      var expanded = expansion.of(text);
      if (expanded != null) {
        return expanded;
      }
    }
    return new SchemaAndValue(
        table.schema(payloadColumn),
        text == null && payload != null ? ByteBuffer.wrap(payload.getBytes()) : text);
  }

  private Schema envelope(OutboxEvent event, Schema payload) {
    var version =
        router
            .columns()
            .schemaVersion()
            .map(column -> event.headers().get(column))
            .map(Integer::valueOf)
            .orElse(null);
    var key = new EnvelopeKey(payload, version, event.aggregateType());
    var known = envelopes.get(key);
    if (known == null) {
      if (envelopes.size() >= MOST_SCHEMAS) {
        envelopes.clear();
      }
      known = newEnvelope(key);
      envelopes.put(key, known);
    }
    return known;
  }

  private Schema newEnvelope(EnvelopeKey key) {
    var builder =
        SchemaBuilder.struct()
            .name(
                "%s.%s.%s.%s.Value"
                    .formatted(router.topicPrefix(), format.schema(), format.table(), key.route))
            .field("payload", key.payload);
    if (key.version != null) {
      builder.version(key.version);
    }
    placed(ColumnPlacement.Place.ENVELOPE)
        .forEach(placement -> builder.field(placement.alias(), table.schema(placement.column())));
    return builder.build();
  }

  private Struct filled(OutboxEvent event, Struct struct) {
    placed(ColumnPlacement.Place.ENVELOPE)
        .forEach(placement -> struct.put(placement.alias(), value(event, placement.column())));
    return struct;
  }

  private List<ColumnPlacement> placed(ColumnPlacement.Place place) {
    return placements.getOrDefault(place, List.of());
  }

  private List<Header> headers(OutboxEvent event) {
    var all = new ArrayList<Header>();
    addTraceContext(event, all);
    String id = format.columns().required(OutboxColumn.ID);
    all.add(header("id", event, id));
    for (var placement : placed(ColumnPlacement.Place.HEADER)) {
      all.add(header(placement.alias(), event, placement.column()));
    }
    add(MessageHeaders.EVENT_REPLAY, event, all);
    return all;
  }

  /**
   * Adds the trace context of the relay's own span to the headers. The trace context in the row
   * belongs to the parent of that span, and is not added.
   */
  private void addTraceContext(OutboxEvent event, List<Header> all) {
    String parent = event.headers().get(FurtherColumns.TRACE_PARENT);
    if (parent == null || parent.equals(parentInRow(event))) {
      return;
    }
    for (String name : List.of(FurtherColumns.TRACE_PARENT, FurtherColumns.TRACE_STATE)) {
      if (!table.has(name)) {
        add(name, event, all);
      }
    }
  }

  private @Nullable String parentInRow(OutboxEvent event) {
    return router
        .columns()
        .tracing()
        .map(column -> event.headers().get(column))
        .map(text -> FurtherColumns.traceContext(text).get(FurtherColumns.TRACE_PARENT))
        .orElse(null);
  }

  /** Adds a header that the relay has given the event, if the event has it. */
  private void add(String name, OutboxEvent event, List<Header> all) {
    String value = event.headers().get(name);
    if (value != null) {
      all.add(new Header(name, headers.write(Schema.STRING_SCHEMA, value)));
    }
  }

  private Header header(String name, OutboxEvent event, String column) {
    return new Header(name, headers.write(table.schema(column), value(event, column)));
  }

  private @Nullable Integer partition(OutboxEvent event) {
    var placed = placed(ColumnPlacement.Place.PARTITION);
    return placed.isEmpty() ? null : (Integer) value(event, placed.get(0).column());
  }

  private @Nullable Long timestamp(OutboxEvent event) {
    return router
        .columns()
        .timestamp()
        .map(column -> table.milliseconds(column, event.headers().get(column)))
        .orElse(null);
  }

  private @Nullable Object value(OutboxEvent event, String column) {
    return table.value(column, text(event, column));
  }

  /** Returns the text form of a column's value. */
  private @Nullable String text(OutboxEvent event, String column) {
    String further = event.headers().get(column);
    if (further != null) {
      return further;
    }
    if (isMapped(OutboxColumn.AGGREGATE_ID, column)) {
      return event.headers().containsKey(FurtherColumns.NO_KEY) ? null : event.aggregateId();
    }
    if (isMapped(OutboxColumn.AGGREGATE_TYPE, column)) {
      return event.aggregateType();
    }
    if (isMapped(OutboxColumn.EVENT_TYPE, column)) {
      return event.eventType();
    }
    return isMapped(OutboxColumn.ID, column) ? event.id().toString() : null;
  }

  private boolean isMapped(OutboxColumn column, String name) {
    return name.equals(format.columns().names().get(column));
  }
}

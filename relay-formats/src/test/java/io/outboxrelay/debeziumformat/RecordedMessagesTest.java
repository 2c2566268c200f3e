package io.outboxrelay.debeziumformat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.debezium.DebeziumImport;
import io.outboxrelay.messageformat.MessageFormats;
import io.outboxrelay.outbox.FurtherColumns;
import io.outboxrelay.outbox.OutboxColumn;
import io.outboxrelay.publish.ColumnType;
import io.outboxrelay.publish.DestinationName;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.settings.Settings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The encoder gives the topic, key, value and headers that a real Debezium Server gave for the same
 * rows, with the configuration that the command {@code import} makes of the server's.
 */
class RecordedMessagesTest {
  static List<RouterCase> cases() {
    return RouterCase.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void messagesAreThoseOfDebezium(RouterCase router) throws IOException {
    var recorded = RecordedCase.read(router.name());
    var types = types(recorded);
    var settings = settings(router, types);
    var format = DebeziumFormat.from(settings).orElseThrow();
    var topic =
        DestinationName.from(
            settings.section("kafka"),
            "topic",
            MessageFormats.defaultDestination(settings.section("kafka")));
    settings.verify();
    var encoder = format.newEncoder();

    Map<String, JsonObject> messages =
        recorded.getJsonArray("messages").stream()
            .map(JsonObject.class::cast)
            .collect(Collectors.toMap(RecordedMessagesTest::id, message -> message));
    for (var row : recorded.getJsonArray("rows")) {
      var event = event((JsonObject) row, format, types);
      var found = message(encoder.of(event), topic.of(event));
      assertThat(found.encodePrettily())
          .isEqualTo(Objects.requireNonNull(messages.get(id(found))).encodePrettily());
    }
  }

  private static String id(JsonObject message) {
    return message.getJsonObject("headers").getString("id");
  }

  private static Settings settings(RouterCase router, Map<String, ColumnType> types) {
    String properties =
        router.properties().entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue().replace("\\", "\\\\"))
            .collect(Collectors.joining("\n"));
    var all = new HashMap<String, Object>(DebeziumImport.of(properties).settings());
    all.keySet().removeIf(key -> !key.startsWith("outbox.") && !key.startsWith("kafka.topic"));
    String id = String.valueOf(all.getOrDefault("outbox.columns.id", "id"));
    all.put(
        "outbox.columns.id-type",
        Map.of("uuid", "uuid", "bigint", "number", "text", "text").get(types.get(id).sql()));
    return Settings.of("test", all);
  }

  private static Map<String, ColumnType> types(JsonObject recorded) {
    return recorded.getJsonArray("columns").stream()
        .map(JsonObject.class::cast)
        .collect(
            Collectors.toMap(
                column -> column.getString("name"),
                column -> new ColumnType(column.getString("type"), !column.getBoolean("notNull"))));
  }

  /** Makes the event that the outbox makes of the row. */
  private static OutboxEvent event(
      JsonObject row, DebeziumFormat format, Map<String, ColumnType> types) {
    var columns = format.columns();
    var headers = new HashMap<String, String>();
    for (String name : columns.further().names()) {
      if (row.getString(name) != null) {
        headers.put(name, row.getString(name));
      }
    }
    String id = row.getString(columns.required(OutboxColumn.ID));
    String key = row.getString(columns.required(OutboxColumn.AGGREGATE_ID));
    if (key == null) {
      headers.put(FurtherColumns.NO_KEY, "true");
    }
    String payload = columns.required(OutboxColumn.PAYLOAD);
    return OutboxEvent.builder(1, columns.idType().uuid(id))
        .aggregate(
            row.getString(columns.required(OutboxColumn.AGGREGATE_TYPE)), key == null ? id : key)
        .type(row.getString(columns.required(OutboxColumn.EVENT_TYPE)))
        .payload(bytes(row.getString(payload), types.get(payload)), "")
        .headers(headers)
        .columnTypes(types)
        .build();
  }

  private static @Nullable Buffer bytes(@Nullable String text, ColumnType type) {
    if (text == null) {
      return null;
    }
    return type.sql().equals("bytea")
        ? Buffer.buffer(HexFormat.of().parseHex(text.substring(2)))
        : Buffer.buffer(text.getBytes(UTF_8));
  }

  private static JsonObject message(DebeziumMessage message, String topic) {
    var headers = new JsonObject();
    message.headers().stream()
        .sorted((a, b) -> a.name().compareTo(b.name()))
        .forEach(header -> headers.put(header.name(), text(header.value())));
    return new JsonObject()
        .put("topic", topic)
        .put("key", text(message.key()))
        .put("value", text(message.value()))
        .put("headers", headers);
  }

  private static @Nullable String text(@Nullable Buffer buffer) {
    return buffer == null ? null : RecordedCase.shown(buffer.getBytes());
  }
}

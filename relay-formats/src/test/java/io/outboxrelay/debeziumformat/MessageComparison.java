package io.outboxrelay.debeziumformat;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.debezium.DebeziumImport;
import io.outboxrelay.messageformat.MessageFormats;
import io.outboxrelay.publish.DestinationName;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.settings.Settings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares the messages of the events of one case with those of Debezium Server, with the
 * configuration that the command {@code import} makes of the server's.
 */
final class MessageComparison {
  private final Settings settings;
  private final DebeziumFormat format;
  private final DebeziumEncoder encoder;
  private final DestinationName topic;
  private final Map<String, JsonObject> recorded;

  MessageComparison(RouterCase router) throws IOException {
    settings = settings(router);
    format = DebeziumFormat.from(settings).orElseThrow();
    encoder = format.newEncoder();
    topic =
        DestinationName.from(
            settings.section("kafka"),
            "topic",
            MessageFormats.defaultDestination(settings.section("kafka")));
    settings.verify();
    recorded =
        RecordedCase.read(router.name()).getJsonArray("messages").stream()
            .map(JsonObject.class::cast)
            .collect(Collectors.toMap(MessageComparison::id, message -> message));
  }

  private static Settings settings(RouterCase router) throws IOException {
    String properties =
        router.properties().entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue().replace("\\", "\\\\"))
            .collect(Collectors.joining("\n"));
    var all = new HashMap<String, Object>(DebeziumImport.of(properties).settings());
    all.keySet().removeIf(key -> !key.startsWith("outbox.") && !key.startsWith("kafka.topic"));
    String id = String.valueOf(all.getOrDefault("outbox.columns.id", "id"));
    var type = Objects.requireNonNull(RecordedCase.types(router.name()).get(id));
    all.put(
        "outbox.columns.id-type",
        Map.of("uuid", "uuid", "bigint", "number", "text", "text").get(type.sql()));
    return Settings.of("test", all);
  }

  Settings settings() {
    return settings;
  }

  DebeziumFormat format() {
    return format;
  }

  /** Fails unless the message of an event is the one of Debezium Server. */
  void compare(OutboxEvent event) {
    var found = message(encoder.of(event), topic.of(event));
    var expected = Objects.requireNonNull(recorded.remove(id(found)), () -> "unexpected " + found);
    assertThat(found.encodePrettily()).isEqualTo(expected.encodePrettily());
  }

  /** Fails if an event was not compared. */
  void end() {
    assertThat(recorded).isEmpty();
  }

  private static String id(JsonObject message) {
    return message.getJsonObject("headers").getString("id");
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

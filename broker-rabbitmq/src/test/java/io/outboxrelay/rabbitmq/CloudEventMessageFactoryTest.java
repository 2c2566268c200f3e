package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.settings.InvalidSettingsException;
import io.outboxrelay.settings.Settings;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CloudEventMessageFactoryTest {
  private static final Map<String, Object> BINARY = Map.of("format", "cloudevents-binary");
  private static final Map<String, Object> STRUCTURED = Map.of("format", "cloudevents-structured");

  @Test
  void anAttributeIsAHeader() {
    var event = event(7, "order-42", Map.of("tenant", "acme"));

    var message = message(BINARY, event);

    assertThat(message.body()).as("not copied").isSameAs(event.payload());
    assertThat(message.properties().getContentType()).isEqualTo("application/json");
    assertThat(message.properties().getMessageId()).isEqualTo(event.id().toString());
    assertThat(message.properties().getHeaders())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                "cloudEvents:specversion", "1.0",
                "cloudEvents:id", event.id().toString(),
                "cloudEvents:source", "/order",
                "cloudEvents:type", "OrderPlaced",
                "cloudEvents:subject", "order-42",
                "cloudEvents:time", "2024-02-29T12:34:56.130456Z",
                "tenant", "acme"));
  }

  @Test
  void structuredIsOneJsonObject() {
    var event = event(7, "order-42", Map.of("tenant", "acme"));

    var message = message(STRUCTURED, event);

    assertThat(message.properties().getContentType()).isEqualTo("application/cloudevents+json");
    assertThat(message.properties().getHeaders()).containsOnly(Map.entry("tenant", "acme"));
    assertThat(new JsonObject(message.body()))
        .isEqualTo(
            JsonObject.of(
                "specversion", "1.0",
                "id", event.id().toString(),
                "source", "/order",
                "type", "OrderPlaced",
                "subject", "order-42",
                "time", "2024-02-29T12:34:56.130456Z",
                "datacontenttype", "application/json",
                "data", JsonObject.of("n", 7)));
  }

  @Test
  void thePrefixCanBeTheOneForJms() {
    var settings = with(BINARY, "cloudevents", Map.of("header-prefix", "cloudEvents_"));

    assertThat(message(settings, event(1, "order-1")).properties().getHeaders())
        .containsEntry("cloudEvents_type", "OrderPlaced");
    assertThatThrownBy(
            () ->
                message(with(BINARY, "cloudevents", Map.of("header-prefix", "ce-")), event(1, "1")))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("is neither cloudEvents: nor cloudEvents_");
  }

  @Test
  void theEventsHeadersCannotPassForAttributes() {
    var spoofed =
        event(
            1,
            "order-1",
            Map.of(
                "cloudEvents:type",
                "x",
                "cloudEvents_id",
                "x",
                "content-type",
                "x",
                MessageFactory.TOMBSTONE,
                "x",
                "cloud",
                "x"));

    assertThat(message(BINARY, spoofed).properties().getHeaders())
        .containsEntry("cloud", "x")
        .containsEntry("cloudEvents:type", "OrderPlaced")
        .doesNotContainKeys("cloudEvents_id", "content-type", MessageFactory.TOMBSTONE);
  }

  @Test
  void aTombstoneHasNoDataAndItsHeader() {
    var tombstone = event(1, "order-1", (Buffer) null);

    var binary = message(BINARY, tombstone);
    var structured = message(STRUCTURED, tombstone);

    assertThat(binary.body().length()).isZero();
    assertThat(binary.properties().getContentType()).isNull();
    assertThat(binary.properties().getHeaders()).containsEntry(MessageFactory.TOMBSTONE, "true");
    assertThat(new JsonObject(structured.body()).containsKey("data")).isFalse();
    assertThat(structured.properties().getHeaders())
        .containsEntry(MessageFactory.TOMBSTONE, "true");
  }

  @Test
  void exchangeAndRoutingKeyDecide() {
    var messages =
        factory(
            Map.of(
                "exchange",
                "events",
                "format-for",
                Map.of("events/Order*", "cloudevents-binary", "events/*", "raw")));
    var event = event(1, "order-1");

    assertThat(messages.of(event).properties().getHeaders()).containsKey("cloudEvents:id");
    assertThat(
            factory(Map.of("format-for", Map.of("events/*", "cloudevents-binary")))
                .of(event)
                .properties()
                .getHeaders())
        .containsKey("event-id");
  }

  @Test
  void anEnvelopeAboveTheLimitIsRejected() {
    var event = event(1, "order-1", Buffer.buffer('"' + "x".repeat(1000) + '"'));

    assertThat(message(with(BINARY, "max-message-size", "1KiB"), event).body().length())
        .isEqualTo(1002);
    assertThatThrownBy(() -> message(with(STRUCTURED, "max-message-size", "1KiB"), event))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("exceeds the limit of 1.0 KiB");
  }

  @Test
  void anEventThatCannotBeEncodedIsRejected() {
    assertThatThrownBy(() -> message(BINARY, event(1, "order\u0000")))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("subject");
    assertThat(new String(message(Map.of(), event(1, "order\u0000")).body().getBytes(), UTF_8))
        .as("raw")
        .contains("1");
  }

  private static RabbitMessage message(Map<String, Object> settings, OutboxEvent event) {
    return factory(settings).of(event);
  }

  private static MessageFactory factory(Map<String, Object> values) {
    var settings = Settings.of("test", values);
    var config = RabbitConfig.from(settings);
    settings.verify();
    return new MessageFactory(config);
  }

  private static Map<String, Object> with(Map<String, Object> some, String key, Object value) {
    var all = new HashMap<>(some);
    all.put(key, value);
    return all;
  }
}

package io.outboxrelay.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.publish.ColumnType;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.settings.Settings;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The parts of a message at their places on RabbitMQ. */
class DebeziumMessageFactoryTest {
  private static final Map<String, ColumnType> TYPES =
      Map.of(
          "id", new ColumnType("uuid", false),
          "aggregatetype", new ColumnType("text", false),
          "aggregateid", new ColumnType("text", false),
          "type", new ColumnType("text", false),
          "payload", new ColumnType("jsonb", true));

  private static RabbitMessage message(Map<String, String> settings, @Nullable String payload) {
    var all = new HashMap<String, Object>(settings);
    all.put("outbox.layout", "debezium");
    all.put("outbox.debezium.placement", "type:header:eventType");
    all.put("outbox.debezium.header-converter", "json-without-schemas");
    all.put("outbox.debezium.value-converter", "json-without-schemas");
    var config = RabbitConfig.from(Settings.of("test", all).section("rabbitmq"));
    var event =
        OutboxEvent.builder(1, new UUID(0, 1))
            .aggregate("order", "o-1")
            .type("paid")
            .payload(payload == null ? null : Buffer.buffer(payload), "application/json")
            .columnTypes(TYPES)
            .build();
    return new MessageFactory(config).of(event);
  }

  @Test
  void theTopicIsTheExchange() {
    var message = message(Map.of("rabbitmq.routing-key", ""), "{\"a\": 1}");

    assertThat(message.exchange()).isEqualTo("outbox.event.order");
    assertThat(message.routingKey()).isEmpty();
    assertThat(message.body()).hasToString("\"{\\\"a\\\": 1}\"");
    assertThat(message.properties().getHeaders())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("id", "\"" + new UUID(0, 1) + "\"", "eventType", "\"paid\""));
    assertThat(message.properties().getDeliveryMode()).as("persistent").isEqualTo(2);
  }

  @Test
  void aTombstoneIsAnEmptyBodyWithAHeader() {
    var message = message(Map.of("outbox.debezium.tombstone-on-empty-payload", "true"), null);

    assertThat(message.body().length()).isZero();
    assertThat(message.properties().getHeaders()).containsEntry(MessageFactory.TOMBSTONE, "true");
  }
}

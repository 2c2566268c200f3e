package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.publish.PublishException;
import io.outboxrelay.settings.Settings;
import io.vertx.core.buffer.Buffer;
import java.util.Date;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MessageFactoryTest {
  @Test
  void anEventsColumnsArePropertiesOfTheMessage() {
    var event = event(7, "order-42");

    var message = messages(Map.of("content-type", "text/json")).of(event);

    assertThat(message.exchange()).isEqualTo("order.events");
    assertThat(message.routingKey()).isEqualTo("OrderPlaced");
    assertThat(message.body()).isSameAs(event.payload());
    var properties = message.properties();
    assertThat(properties.getMessageId()).isEqualTo(event.id().toString());
    assertThat(properties.getType()).isEqualTo("OrderPlaced");
    assertThat(properties.getContentType()).isEqualTo("text/json");
    assertThat(properties.getTimestamp()).isEqualTo(Date.from(event.createdAt()));
    assertThat(properties.getDeliveryMode()).as("persistent").isEqualTo(2);
    assertThat(properties.getHeaders())
        .containsEntry("content-type", "text/json")
        .doesNotContainKey(MessageFactory.TOMBSTONE);
  }

  @Test
  void aTombstoneIsAnEmptyMessageWithAHeader() {
    var message = messages(Map.of()).of(event(1, "order-1", (Buffer) null));

    assertThat(message.body().length()).isZero();
    assertThat(message.properties().getHeaders()).containsEntry(MessageFactory.TOMBSTONE, "true");
  }

  @Test
  void anEventCannotPassForATombstone() {
    var message =
        messages(Map.of()).of(event(1, "order-1", Map.of(MessageFactory.TOMBSTONE, "true")));

    assertThat(message.properties().getHeaders()).doesNotContainKey(MessageFactory.TOMBSTONE);
  }

  @Test
  void aPayloadAboveTheLimitIsRejectedWithBothSizes() {
    var messages = messages(Map.of("max-message-size", "1KiB"));

    assertThat(messages.of(event(1, "order-1", Buffer.buffer(new byte[1024]))).body().length())
        .isEqualTo(1024);
    assertThatThrownBy(() -> messages.of(event(1, "order-1", Buffer.buffer(new byte[1536]))))
        .isInstanceOf(PublishException.Rejected.class)
        .hasMessageContaining("1.5 KiB exceeds the limit of 1.0 KiB (rabbitmq.max-message-size)");
  }

  @Test
  void aRoutingKeyThatAmqpHasNoRoomForIsRejected() {
    var messages = messages(Map.of("routing-key", "${aggregate_id}"));

    assertThat(messages.of(event(1, "ü".repeat(127))).routingKey()).hasSize(127);
    assertThatThrownBy(() -> messages.of(event(1, "ü".repeat(128))))
        .isInstanceOf(PublishException.Rejected.class)
        .hasMessageContaining("its routing key has 256 bytes, and RabbitMQ takes 255 at most");
  }

  private static MessageFactory messages(Map<String, ?> settings) {
    return new MessageFactory(RabbitConfig.from(Settings.of("test", settings)));
  }
}

package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Return;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Rejected;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UnroutableMessageListenerTest {
  private final ConfirmBuffer unconfirmed = new ConfirmBuffer();
  private final List<Rejected> unidentified = new ArrayList<>();
  private final UnroutableMessageListener listener =
      new UnroutableMessageListener(unconfirmed, unidentified::add);

  @Test
  void theReturnedMessageFailsAtItsConfirmAndNoOther() {
    var first = added(event(1, "order-1"), "orders", "created");
    var second = added(event(2, "order-1"), "orders", "created");

    listener.handle(returned(second));
    unconfirmed.confirm(2, true).forEach(PendingPublish::confirmed);

    assertThat(first.future().succeeded()).isTrue();
    assertThat(second.future().cause())
        .hasMessageContaining("\"orders\"")
        .hasMessageContaining("\"created\"")
        .hasMessageContaining("alternate exchange");
  }

  @Test
  void aMessageForTheDefaultExchangeLacksItsQueue() {
    var delivery = added(event(1, "order-1"), "", "orders");

    listener.handle(returned(delivery));
    delivery.confirmed();

    assertThat(delivery.future().cause()).hasMessageContaining("there is no queue \"orders\"");
  }

  @Test
  void twoReturnsOfOneEventRejectBothItsMessages() {
    var event = event(1, "order-1");
    var first = added(event, "", "orders");
    var second = added(event, "", "orders");

    listener.handle(returned(first));
    listener.handle(returned(second));

    assertThat(first.isRefused()).isTrue();
    assertThat(second.isRefused()).isTrue();
  }

  @Test
  void aHeaderThatNamesAnotherEventDoesNotRejectIt() {
    var innocent = added(event(1, "order-1"), "orders", "created");
    var guilty = added(event(2, "order-2"), "orders", "created");

    listener.handle(
        returned(guilty, guilty.event().id().toString(), Map.of(MessageHeaders.EVENT_SEQUENCE, 1)));

    assertThat(innocent.isRefused()).isFalse();
    assertThat(guilty.isRefused()).isTrue();
    assertThat(unidentified).isEmpty();
  }

  @Test
  void aReturnOfAnUnknownMessageRejectsNoEvent() {
    var delivery = added(event(1, "order-1"), "orders", "created");

    listener.handle(returned(delivery, UUID.randomUUID().toString(), null));
    listener.handle(returned(delivery, null, null));

    assertThat(delivery.isRefused()).isFalse();
    assertThat(unidentified).hasSize(2);
    assertThat(unidentified.get(0)).hasMessageContaining("\"created\"");
  }

  private PendingPublish added(OutboxEvent event, String exchange, String routingKey) {
    var delivery = new PendingPublish(event, Runnable::run);
    delivery.addressed(exchange, routingKey);
    unconfirmed.add(delivery);
    return delivery;
  }

  private static Return returned(PendingPublish delivery) {
    return returned(delivery, delivery.event().id().toString(), null);
  }

  private static Return returned(
      PendingPublish delivery, @Nullable String messageId, @Nullable Map<String, Object> headers) {
    return new Return(
        AMQP.NO_ROUTE,
        "NO_ROUTE",
        delivery.exchange(),
        delivery.routingKey(),
        new AMQP.BasicProperties.Builder().messageId(messageId).headers(headers).build(),
        new byte[0]);
  }
}

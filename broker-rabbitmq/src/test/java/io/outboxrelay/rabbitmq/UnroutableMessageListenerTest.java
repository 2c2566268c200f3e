package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Return;
import io.outboxrelay.publish.MessageHeaders;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UnroutableMessageListenerTest {
  private final ConfirmBuffer unconfirmed = new ConfirmBuffer();
  private final UnroutableMessageListener listener = new UnroutableMessageListener(unconfirmed);

  @Test
  void theReturnedMessageFailsAtItsConfirmAndNoOther() {
    var first = added(1);
    var second = added(2);

    listener.handle(returned("orders", "created", 2));
    unconfirmed.confirm(2, true).forEach(PendingPublish::confirmed);

    assertThat(first.future().succeeded()).isTrue();
    assertThat(second.future().cause())
        .hasMessageContaining("\"orders\"")
        .hasMessageContaining("\"created\"")
        .hasMessageContaining("alternate exchange");
  }

  @Test
  void aMessageForTheDefaultExchangeLacksItsQueue() {
    var delivery = added(1);

    listener.handle(returned("", "orders", 1));
    delivery.confirmed();

    assertThat(delivery.future().cause()).hasMessageContaining("there is no queue \"orders\"");
  }

  @Test
  void twoReturnsOfOneEventRejectBothItsMessages() {
    var first = added(1);
    var second = added(1);

    listener.handle(returned("", "orders", 1));
    listener.handle(returned("", "orders", 1));

    assertThat(first.isRefused()).isTrue();
    assertThat(second.isRefused()).isTrue();
  }

  @Test
  void aReturnOfAnUnknownMessageIsAnError() {
    added(1);

    assertThatThrownBy(() -> listener.handle(returned("", "orders", 2)))
        .isInstanceOf(IllegalStateException.class);
  }

  private PendingPublish added(long seq) {
    var delivery = new PendingPublish(event(seq, "order-1"), Runnable::run);
    unconfirmed.add(delivery);
    return delivery;
  }

  private static Return returned(String exchange, String routingKey, long seq) {
    var properties =
        new AMQP.BasicProperties.Builder()
            .headers(Map.of(MessageHeaders.EVENT_SEQUENCE, seq))
            .build();
    return new Return(AMQP.NO_ROUTE, "NO_ROUTE", exchange, routingKey, properties, new byte[0]);
  }
}

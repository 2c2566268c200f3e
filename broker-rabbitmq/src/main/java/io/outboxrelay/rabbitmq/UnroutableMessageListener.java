package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.Return;
import com.rabbitmq.client.ReturnCallback;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.publish.PublishException.Rejected;

/**
 * Rejects the messages of one channel that RabbitMQ returns because no queue takes them.
 *
 * <p>Each message is published as <i>mandatory</i>, so if no queue is bound for it, the broker
 * returns it and then confirms it. This class records the return, and the event fails when the
 * confirm arrives. Both arrive on one thread of the client.
 */
final class UnroutableMessageListener implements ReturnCallback {
  private final ConfirmBuffer unconfirmed;

  UnroutableMessageListener(ConfirmBuffer unconfirmed) {
    this.unconfirmed = unconfirmed;
  }

  @Override
  public void handle(Return message) {
    var seq = message.getProperties().getHeaders().get(MessageHeaders.EVENT_SEQUENCE);
    unconfirmed
        .findReturned(Long.parseLong(String.valueOf(seq)))
        .orElseThrow(
            () ->
                new IllegalStateException("the broker returned a message without an open confirm"))
        .refused(rejection(message));
  }

  /** Returns the failure of a returned message. The text says how such messages can get a queue. */
  static Rejected rejection(Return message) {
    String key = message.getRoutingKey();
    if (message.getExchange().isEmpty()) {
      return new Rejected(
          "there is no queue \"%s\"; declare it, or name an exchange".formatted(key), null);
    }
    return new Rejected(
        "no queue is bound to the exchange \"%s\" for the routing key \"%s\" (%s); bind one, or give the exchange an alternate exchange"
            .formatted(message.getExchange(), key, message.getReplyText()),
        null);
  }
}

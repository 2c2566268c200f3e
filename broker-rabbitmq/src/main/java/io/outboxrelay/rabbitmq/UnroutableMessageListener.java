package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.Return;
import com.rabbitmq.client.ReturnCallback;
import io.outboxrelay.publish.PublishException.Rejected;
import java.util.function.Consumer;

/**
 * Rejects the messages of one channel that RabbitMQ returns because no queue takes them.
 *
 * <p>Each message is published as <i>mandatory</i>, so if no queue is bound for it, the broker
 * returns it and then confirms it. This class records the return, and the event fails when the
 * confirm arrives. Both arrive on one thread of the client.
 *
 * <p>A returned message is identified by its message id and its address, because the relay sets
 * them in every format. Its headers do not identify it, because an application can write them.
 */
final class UnroutableMessageListener implements ReturnCallback {
  private final ConfirmBuffer unconfirmed;
  private final Consumer<Rejected> unidentified;

  /**
   * @param unidentified called with the failure of a returned message if none of the unconfirmed
   *     deliveries has its message id and address
   */
  UnroutableMessageListener(ConfirmBuffer unconfirmed, Consumer<Rejected> unidentified) {
    this.unconfirmed = unconfirmed;
    this.unidentified = unidentified;
  }

  @Override
  public void handle(Return message) {
    var rejection = rejection(message);
    unconfirmed
        .findReturned(
            message.getProperties().getMessageId(), message.getExchange(), message.getRoutingKey())
        .ifPresentOrElse(
            delivery -> delivery.refused(rejection), () -> unidentified.accept(rejection));
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

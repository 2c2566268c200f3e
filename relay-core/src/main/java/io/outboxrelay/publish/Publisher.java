package io.outboxrelay.publish;

import io.vertx.core.Future;

/**
 * Delivers outbox events to one broker.
 *
 * <p>The relay calls all methods from one event loop, and may publish again before earlier calls
 * complete. The order of the calls is the order that the broker must keep for an aggregate id, as
 * far as {@link Broker#ordering()} promises it. No method may block the caller.
 */
public interface Publisher {
  /**
   * Publishes {@code event}; completes once the broker has confirmed it.
   *
   * <p>Success promises that the message survives the loss of this process and, as far as the
   * broker is configured for it, of a broker. If the outcome is uncertain, for example because the
   * connection is lost before the confirm, fail with {@link PublishException.Retryable}: the relay
   * publishes again, and consumers may see the event twice but never miss it. Other failures are a
   * {@link PublishException} too; any other exception counts as {@link PublishException.Retryable}.
   *
   * <p>The future always completes, also if the publisher is closed meanwhile. It may complete on
   * any thread, except that {@link Ordering#PIPELINED} requires failures on the event loop of the
   * call.
   */
  Future<Void> publish(OutboxEvent event);

  /**
   * Prepares for publishing events like {@code event}, for example by loading the metadata of its
   * topic. A standby calls it for events that another relay publishes, so that a takeover is quick.
   * Sends nothing; failures are ignored, because nothing is published yet.
   */
  default void warmUp(OutboxEvent event) {}

  /**
   * Tells the publisher that {@code event} went to the dead letters, or stays there. The relay
   * publishes the event later or never. Most publishers ignore this call. Nothing is sent to the
   * broker.
   *
   * @param reason a sentence for an operator
   * @param rejected false if the event is only blocked or deferred
   */
  default void setAside(OutboxEvent event, String reason, boolean rejected) {}

  /**
   * Sets the receiver of receipts: for each event confirmed from now on, the publisher reports the
   * place at which the broker has stored it, such as topic, partition and offset, or exchange and
   * routing key. Called at most once, before the first event. Optional: if a publisher ignores the
   * call, only the console lacks these places.
   */
  default void reportTo(DeliveryReceipts receipts) {}

  /**
   * Closes the connection to the broker. Completes when nothing is in flight any more: an event
   * that is not confirmed within a few seconds fails with {@link PublishException.Retryable}. A
   * second call has no effect.
   */
  Future<Void> close();
}

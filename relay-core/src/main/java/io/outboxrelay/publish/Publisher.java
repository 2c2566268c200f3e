package io.outboxrelay.publish;

import io.vertx.core.Future;

/**
 * Delivers outbox events to one broker.
 *
 * <p>The relay calls from one event loop, and may publish again before earlier calls complete: the
 * order of the calls is the order the broker must keep for an aggregate id, as far as {@link
 * Broker#ordering()} says. Neither method may block the caller.
 */
public interface Publisher {
  /**
   * Publishes {@code event}; completes once the broker has confirmed it.
   *
   * <p>Success promises that the message survives the loss of this process and, as far as the
   * broker is set up for it, of a broker. When in doubt, such as a connection lost before the
   * confirm, fail with {@link PublishException.Retryable}: the relay publishes again, and consumers
   * may see the event twice but never miss it. Every other failure is a {@link PublishException}
   * too; anything else counts as {@link PublishException.Retryable}.
   *
   * <p>The future completes on any thread, always, also when the publisher is closed meanwhile.
   */
  Future<Void> publish(OutboxEvent event);

  /**
   * Is told, while the relay stands by, of an event that another publishes, as the next may have to
   * be published here: looks up what that takes, a topic's leader for example, so that taking over
   * is quick. Sends nothing. A failure is nobody's business yet.
   */
  default void warmUp(OutboxEvent event) {}

  /**
   * Takes note that the relay does not publish {@code event} for now, or for good: it went to the
   * dead letters, or stays there. Few publishers need to know; the broker is told nothing.
   *
   * @param reason a sentence
   * @param rejected false for an event that only waits, behind another or for its destination
   */
  default void setAside(OutboxEvent event, String reason, boolean rejected) {}

  /**
   * Has the publisher tell {@code receipts} where the broker has stored each event that it confirms
   * from now on: a topic, partition and offset, or an exchange and routing key. Called at most
   * once, before the first event. Optional: a publisher that ignores the call publishes all the
   * same, and the console then does not know where its messages are.
   */
  default void reportTo(DeliveryReceipts receipts) {}

  /**
   * Lets go of the broker. Completes when nothing is in flight any more: what is not confirmed
   * within a few seconds fails as {@link PublishException.Retryable}. A second call changes
   * nothing.
   */
  Future<Void> close();
}

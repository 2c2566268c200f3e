package io.outboxrelay.publish;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;

/**
 * One configured broker: describes it, checks it, and connects publishers to it.
 *
 * <p>Safe for all threads; no method may block.
 */
public interface Broker {
  /**
   * Returns the order that the broker keeps by itself. It decides how many events of an aggregate
   * the relay publishes at a time.
   */
  Ordering ordering();

  /**
   * Returns broker and destination in a few words for the start-up summary, such as {@code Kafka at
   * localhost:9092, topic ${aggregate_type}.events}. Holds no secret.
   */
  String summary();

  /**
   * Returns the destination without the address, such as {@code topic ${aggregate_type}.events}. It
   * must be equal for all relays of one outbox. Empty if the module does not name it.
   */
  default String route() {
    return "";
  }

  /**
   * Returns the destination of one event in the words of the configuration, such as the name of a
   * topic. The relay uses it for the dead letters, for circuit breakers and for {@code
   * relay.on-rejected-for}.
   *
   * <p>The relay calls this method for events that failed. It calls the method for every event
   * while a destination fails or is paused, and always if {@link #isRoutedByType} returns false.
   *
   * @throws PublishException.Rejected if the event has no destination
   */
  default String destination(OutboxEvent event) {
    return "";
  }

  /**
   * Returns a broker that sends every event to {@code destination}; replays use it. The destination
   * is written like a result of {@link #destination}, and may have placeholders if the configured
   * destination may have them.
   *
   * @throws IllegalArgumentException if no such destination can exist, or if the module sends only
   *     to the configured destination; the message continues a sentence that begins with the
   *     destination's name
   */
  default Broker redirectedTo(String destination) {
    throw new IllegalArgumentException(
        "cannot be chosen, because this broker's module sends only to the configured destination");
  }

  /**
   * Returns true if events with equal aggregate types and equal event types have one destination.
   * The relay then calls {@link #destination} once for each pair of types and not for each event.
   */
  default boolean isRoutedByType() {
    return false;
  }

  /**
   * Connects a publisher; the relay connects one for each partition.
   *
   * <p>Completes once the broker has answered. Fails with {@link PublishException.Retryable} if the
   * broker does not answer; the relay tries again without limit. Fails with {@link
   * PublishException.Fatal} if trying again cannot help, for example if credentials are refused.
   * The future may complete on any thread.
   */
  Future<Publisher> connect(Vertx vertx);

  /**
   * Examines for the command {@code check} whether the broker answers and the destinations of
   * {@code samples} exist. Publishes nothing. The future always succeeds, because a problem is a
   * finding.
   *
   * @param samples recent events of the outbox, one per aggregate type; may be empty
   */
  Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples);
}

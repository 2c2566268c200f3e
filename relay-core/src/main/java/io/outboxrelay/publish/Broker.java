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
  /** Returns the order that the broker keeps by itself; it decides how the relay publishes. */
  Ordering ordering();

  /**
   * Returns broker and destination in a few words for the start-up summary, such as {@code Kafka at
   * localhost:9092, topic ${aggregate_type}.events}. Holds no secret.
   */
  String summary();

  /**
   * Returns the destination without the address, such as {@code topic ${aggregate_type}.events}.
   * All relays of one outbox must have the same. Empty if the module does not say.
   */
  default String route() {
    return "";
  }

  /**
   * Returns the destination of one event in the words of the configuration, such as the name of a
   * topic. The relay uses it for the dead letters, for circuit breakers and for {@code
   * relay.on-rejected-for}.
   *
   * <p>The relay calls it for events that failed, and for every event while a destination is
   * failing or paused, or if {@link #isRoutedByType} returns false.
   *
   * @throws PublishException.Rejected if the event has no destination
   */
  default String destination(OutboxEvent event) {
    return "";
  }

  /**
   * Returns this broker with {@code destination} for every event, for replays. The destination is
   * written like a result of {@link #destination}, and may have placeholders if the configured one
   * may.
   *
   * @throws IllegalArgumentException if there can be no such destination, or the module sends only
   *     to the configured one; its message continues a sentence that begins with the destination's
   *     name
   */
  default Broker redirectedTo(String destination) {
    throw new IllegalArgumentException(
        "cannot be chosen, as this broker's module sends only where it is configured to");
  }

  /**
   * Returns true if all events with one aggregate type and event type have one destination. The
   * relay then asks for one event of each pair, so that counting by destination costs nothing.
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
   * Examines the broker for the command {@code check}: if it answers, and if the destinations of
   * {@code samples} exist. Publishes nothing and always succeeds, because a problem is a finding.
   *
   * @param samples recent events of the outbox, one per aggregate type; may be empty
   */
  Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples);
}

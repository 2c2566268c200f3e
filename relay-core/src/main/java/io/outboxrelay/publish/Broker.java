package io.outboxrelay.publish;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;

/** One broker as configured: says what it is, examines it, and connects publishers to it. */
public interface Broker {
  /** What the broker keeps in order by itself; decides how the relay publishes. */
  Ordering ordering();

  /**
   * Where messages go, in a few words for the start-up summary, such as {@code Kafka at
   * localhost:9092, topic ${aggregate_type}.events}. Holds no secret.
   */
  String summary();

  /**
   * Where messages go, whatever the address, such as {@code topic ${aggregate_type}.events}: what
   * all relays of one outbox must agree in. Empty where the module does not say.
   */
  default String route() {
    return "";
  }

  /**
   * Where one event goes, in the words of the configuration, such as a topic's name: for the dead
   * letters, and for {@code relay.on-rejected-for}. Asked of events that failed, and of all while
   * some destination takes nothing, or where {@link #isRoutedByType} is not so.
   *
   * @throws PublishException.Rejected where it has no destination
   */
  default String destination(OutboxEvent event) {
    return "";
  }

  /**
   * The same broker, but every event goes to {@code destination}: for replays. It is written as
   * {@link #destination} writes it, and may have places as the configured one may.
   *
   * @throws IllegalArgumentException where there can be no such destination, or the module sends
   *     nowhere but where it is configured to; its message goes on from the destination's name
   */
  default Broker redirectedTo(String destination) {
    throw new IllegalArgumentException(
        "cannot be chosen, as this broker's module sends only where it is configured to");
  }

  /**
   * Whether events of the same aggregate type and event type always have the same destination; then
   * it is asked for one of each, and what is counted by destination costs nothing.
   */
  default boolean isRoutedByType() {
    return false;
  }

  /**
   * Connects a publisher; the relay asks for one per partition.
   *
   * <p>Completes once the broker has answered. Fails as {@link PublishException.Retryable} where it
   * does not answer (the relay tries again for as long as it takes), as {@link
   * PublishException.Fatal} where trying again is no use, as when credentials are refused.
   */
  Future<Publisher> connect(Vertx vertx);

  /**
   * Examines the broker for {@code check}: whether it answers, and whether the destinations of
   * {@code samples} exist. Publishes nothing and always succeeds: what is wrong is a finding.
   *
   * @param samples recent events of the outbox, one per aggregate type; may be empty
   */
  Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples);
}

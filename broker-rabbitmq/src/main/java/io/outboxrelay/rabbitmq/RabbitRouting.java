package io.outboxrelay.rabbitmq;

import io.outboxrelay.messageformat.MessageFormats;
import io.outboxrelay.publish.DestinationName;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Template;
import io.outboxrelay.settings.Settings;
import java.util.Optional;

/**
 * The destination of each event.
 *
 * @param exchange the name of an event's exchange; an empty name means the default exchange, which
 *     uses the routing key as the name of a queue
 * @param routingKey the routing key of an event; by default it is the event type, so that a queue
 *     can be bound to the types that its consumers need, and {@code ${aggregate_id}} suits an
 *     exchange that spreads aggregates over queues
 */
record RabbitRouting(DestinationName exchange, DestinationName routingKey) {

  static RabbitRouting from(Settings in) {
    return new RabbitRouting(
        DestinationName.from(in, "exchange", MessageFormats.defaultDestination(in)),
        DestinationName.from(in, "routing-key", "${event_type}"));
  }

  /**
   * Returns a routing that sends every event to {@code destination}: an exchange with a routing
   * key, or a queue, which is reached through the default exchange. Both may be templates.
   *
   * @throws IllegalArgumentException if {@code destination} is neither of them
   */
  static RabbitRouting to(String destination) {
    int slash = destination.indexOf('/');
    String name = destination.substring(slash + 1);
    if (slash < 1 && name.isEmpty()) {
      throw new IllegalArgumentException(
          "names neither a queue nor an exchange; write QUEUE or EXCHANGE/ROUTING-KEY");
    }
    return new RabbitRouting(
        DestinationName.of(Template.parse(destination.substring(0, Math.max(0, slash)))),
        DestinationName.of(Template.parse(name)));
  }

  /**
   * Returns the exchange of one event.
   *
   * @throws io.outboxrelay.publish.PublishException.Rejected if the event lacks a header that the
   *     template names
   */
  String exchangeOf(OutboxEvent event) {
    return exchange.of(event);
  }

  /** Returns the routing key of one event; throws as {@link #exchangeOf} does. */
  String routingKeyOf(OutboxEvent event) {
    return routingKey.of(event);
  }

  /** Returns the exchange of every event; empty if the exchange depends on the event. */
  Optional<String> onlyExchange() {
    return exchange.only();
  }
}

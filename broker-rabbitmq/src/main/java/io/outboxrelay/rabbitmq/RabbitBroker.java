package io.outboxrelay.rabbitmq;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.DestinationName;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;

/** The configured RabbitMQ broker. */
final class RabbitBroker implements Broker {
  private final RabbitConfig config;

  RabbitBroker(RabbitConfig config) {
    this.config = config;
  }

  /**
   * Returns an ordering that allows one unconfirmed event of an aggregate at a time. RabbitMQ may
   * accept later events of an aggregate after it has refused an earlier one, or after a connection
   * was lost with an earlier one.
   */
  @Override
  public Ordering ordering() {
    return Ordering.ONE_AT_A_TIME;
  }

  @Override
  public String summary() {
    return "RabbitMQ at "
        + config.address()
        + (config.virtualHost().equals("/") ? "" : ", virtual host " + config.virtualHost())
        + ", "
        + route();
  }

  @Override
  public String route() {
    return "exchange "
        + quotedIfEmpty(config.routing().exchange())
        + (", routing key " + config.routing().routingKey())
        + config.formats().phrase();
  }

  private static String quotedIfEmpty(DestinationName exchange) {
    return exchange.only().filter(String::isEmpty).isPresent()
        ? "\"\" (the default exchange)"
        : exchange.toString();
  }

  /**
   * Returns the exchange and the routing key of an event, as in {@code order.events/order-paid}.
   */
  @Override
  public String destination(OutboxEvent event) {
    return config.routing().exchangeOf(event) + "/" + config.routing().routingKeyOf(event);
  }

  /**
   * Returns a broker that sends every event to {@code destination}: an exchange and a routing key
   * with a slash in between, or the name of a queue.
   */
  @Override
  public Broker redirectedTo(String destination) {
    return new RabbitBroker(config.redirectedTo(destination));
  }

  @Override
  public boolean isRoutedByType() {
    return config.routing().exchange().isByType() && config.routing().routingKey().isByType();
  }

  @Override
  public Future<Publisher> connect(Vertx vertx) {
    return RabbitPublisher.connect(vertx, config);
  }

  @Override
  public Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples) {
    return vertx.executeBlocking(() -> RabbitCheck.run(vertx, config, samples), false);
  }

  @Override
  public String toString() {
    return summary();
  }
}

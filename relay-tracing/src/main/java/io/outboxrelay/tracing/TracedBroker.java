package io.outboxrelay.tracing;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/**
 * A broker that wraps each publisher in a {@link TracedPublisher}; everything else is delegated to
 * the wrapped broker.
 */
final class TracedBroker implements Broker {
  private final Broker broker;
  private final Function<Broker, SpanFactory> tracing;
  private final SpanFactory spans;

  /**
   * @param tracing creates the factory of the spans for the events of a broker
   */
  TracedBroker(Broker broker, Function<Broker, SpanFactory> tracing) {
    this.broker = broker;
    this.tracing = tracing;
    this.spans = tracing.apply(broker);
  }

  @Override
  public Future<Publisher> connect(Vertx vertx) {
    return broker.connect(vertx).map(publisher -> new TracedPublisher(publisher, spans));
  }

  @Override
  public Ordering ordering() {
    return broker.ordering();
  }

  @Override
  public String summary() {
    return broker.summary();
  }

  @Override
  public String route() {
    return broker.route();
  }

  @Override
  public String destination(OutboxEvent event) {
    return broker.destination(event);
  }

  @Override
  public boolean isRoutedByType() {
    return broker.isRoutedByType();
  }

  @Override
  public Broker redirectedTo(String destination) {
    return new TracedBroker(broker.redirectedTo(destination), tracing);
  }

  @Override
  public Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples) {
    return broker.check(vertx, samples);
  }

  @Override
  public String toString() {
    return broker.toString();
  }
}

package io.outboxrelay.publish;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;

/**
 * A broker that passes every call on to another broker; a subclass overrides some of the methods.
 * If the subclass does not override {@link #redirectedTo}, the broker that this method returns is
 * not wrapped in the subclass.
 */
public abstract class DelegatingBroker implements Broker {
  private final Broker broker;

  protected DelegatingBroker(Broker broker) {
    this.broker = broker;
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
  public Broker redirectedTo(String destination) {
    return broker.redirectedTo(destination);
  }

  @Override
  public boolean isRoutedByType() {
    return broker.isRoutedByType();
  }

  @Override
  public Future<Publisher> connect(Vertx vertx) {
    return broker.connect(vertx);
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

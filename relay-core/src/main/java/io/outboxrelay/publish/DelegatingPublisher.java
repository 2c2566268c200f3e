package io.outboxrelay.publish;

import io.vertx.core.Future;

/**
 * A publisher that passes every call on to another publisher; a subclass overrides some of the
 * methods.
 */
public abstract class DelegatingPublisher implements Publisher {
  private final Publisher publisher;

  protected DelegatingPublisher(Publisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public Future<Void> publish(OutboxEvent event) {
    return publisher.publish(event);
  }

  @Override
  public void warmUp(OutboxEvent event) {
    publisher.warmUp(event);
  }

  @Override
  public void setAside(OutboxEvent event, String reason, boolean rejected) {
    publisher.setAside(event, reason, rejected);
  }

  @Override
  public void reportTo(DeliveryReceipts receipts) {
    publisher.reportTo(receipts);
  }

  @Override
  public Future<Void> close() {
    return publisher.close();
  }
}

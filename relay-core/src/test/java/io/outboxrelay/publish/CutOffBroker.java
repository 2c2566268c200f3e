package io.outboxrelay.publish;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;

/** The way of one relay to a broker that others still reach, which a test can cut off. */
public final class CutOffBroker implements Broker {
  private final Broker broker;
  private volatile boolean connects = true;
  private volatile boolean publishes = true;

  public CutOffBroker(Broker broker) {
    this.broker = broker;
  }

  /** Lets nothing through any more. */
  public void cutOff() {
    connects = false;
    publishes = false;
  }

  /** Lets new connections through, but confirms nothing. */
  public void confirmNothing() {
    publishes = false;
  }

  public void heal() {
    connects = true;
    publishes = true;
  }

  @Override
  public Future<Publisher> connect(Vertx vertx) {
    return connects ? broker.connect(vertx).map(CutOffPublisher::new) : Future.failedFuture(cut());
  }

  private static PublishException cut() {
    return new PublishException.Retryable("the way to the broker is cut", null);
  }

  private final class CutOffPublisher implements Publisher {
    private final Publisher publisher;

    CutOffPublisher(Publisher publisher) {
      this.publisher = publisher;
    }

    @Override
    public Future<Void> publish(OutboxEvent event) {
      return publishes ? publisher.publish(event) : Future.failedFuture(cut());
    }

    @Override
    public Future<Void> close() {
      return publisher.close();
    }
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
  public String destination(OutboxEvent event) {
    return broker.destination(event);
  }

  @Override
  public Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples) {
    return broker.check(vertx, samples);
  }
}

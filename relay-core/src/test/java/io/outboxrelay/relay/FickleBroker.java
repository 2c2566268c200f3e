package io.outboxrelay.relay;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;

/** A broker that refuses the relay whenever a test wants it to. */
final class FickleBroker implements Broker {
  private final Broker broker;
  private volatile boolean refuses;

  FickleBroker(Broker broker) {
    this.broker = broker;
  }

  /** From now on: connections, and what is published over those that there are. */
  void refuse(boolean refuses) {
    this.refuses = refuses;
  }

  private static <T> Future<T> refused() {
    return Future.failedFuture(new PublishException.Fatal("the broker says: access refused", null));
  }

  @Override
  public Future<Publisher> connect(Vertx vertx) {
    return refuses ? refused() : broker.connect(vertx).map(FicklePublisher::new);
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
  public Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples) {
    return broker.check(vertx, samples);
  }

  private final class FicklePublisher implements Publisher {
    private final Publisher publisher;

    FicklePublisher(Publisher publisher) {
      this.publisher = publisher;
    }

    @Override
    public Future<Void> publish(OutboxEvent event) {
      return refuses ? refused() : publisher.publish(event);
    }

    @Override
    public Future<Void> close() {
      return publisher.close();
    }
  }
}

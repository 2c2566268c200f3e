package io.outboxrelay.relay;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between a relay and its broker; once it is shut, nothing goes either way any more. */
final class BrokerGate implements Broker {
  private final Broker broker;
  private final Set<String> warmedUp = ConcurrentHashMap.newKeySet();
  private volatile boolean shut;

  BrokerGate(Broker broker) {
    this.broker = broker;
  }

  void shut() {
    shut = true;
  }

  /** Aggregates with events that were announced to a publisher ahead. */
  Set<String> warmedUp() {
    return warmedUp;
  }

  @Override
  public Ordering ordering() {
    return broker.ordering();
  }

  @Override
  public String destination(OutboxEvent event) {
    return broker.destination(event);
  }

  @Override
  public String summary() {
    return broker.summary();
  }

  @Override
  public Broker redirectedTo(String destination) {
    return broker.redirectedTo(destination);
  }

  @Override
  public Future<Publisher> connect(Vertx vertx) {
    return broker.connect(vertx).map(Gated::new);
  }

  @Override
  public Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples) {
    return broker.check(vertx, samples);
  }

  private final class Gated implements Publisher {
    private final Publisher publisher;

    Gated(Publisher publisher) {
      this.publisher = publisher;
    }

    @Override
    public Future<Void> publish(OutboxEvent event) {
      Promise<Void> answer = Promise.promise();
      if (!shut) {
        publisher
            .publish(event)
            .onComplete(
                result -> {
                  if (!shut) {
                    answer.handle(result);
                  }
                });
      }
      return answer.future();
    }

    @Override
    public void warmUp(OutboxEvent event) {
      warmedUp.add(event.aggregateId());
    }

    @Override
    public Future<Void> close() {
      return publisher.close();
    }
  }
}

package io.outboxrelay.relay;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.DelegatingBroker;
import io.outboxrelay.publish.DelegatingPublisher;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between a relay and its broker. Once it is shut, neither events nor confirms pass. */
final class BrokerGate extends DelegatingBroker {
  private final Set<String> warmedUp = ConcurrentHashMap.newKeySet();
  private volatile boolean shut;

  BrokerGate(Broker broker) {
    super(broker);
  }

  void shut() {
    shut = true;
  }

  /** Returns the aggregates of the events that were passed to {@code Publisher.warmUp}. */
  Set<String> warmedUp() {
    return warmedUp;
  }

  @Override
  public Future<Publisher> connect(Vertx vertx) {
    return super.connect(vertx).map(Gated::new);
  }

  private final class Gated extends DelegatingPublisher {
    Gated(Publisher publisher) {
      super(publisher);
    }

    @Override
    public Future<Void> publish(OutboxEvent event) {
      Promise<Void> answer = Promise.promise();
      if (!shut) {
        super.publish(event)
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
  }
}

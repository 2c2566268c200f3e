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

/** A broker that refuses every connection. */
final class RefusingBroker implements Broker {
  @Override
  public Ordering ordering() {
    return Ordering.PIPELINED;
  }

  @Override
  public String summary() {
    return "a broker that refuses";
  }

  @Override
  public Future<Publisher> connect(Vertx vertx) {
    return Future.failedFuture(new PublishException.Fatal("the broker says: access refused", null));
  }

  @Override
  public Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples) {
    return Future.succeededFuture(List.of());
  }
}

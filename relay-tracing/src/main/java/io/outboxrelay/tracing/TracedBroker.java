package io.outboxrelay.tracing;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.DelegatingBroker;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Function;

/** A broker that wraps each publisher in a {@link TracedPublisher}. */
final class TracedBroker extends DelegatingBroker {
  private final Function<Broker, SpanFactory> tracing;
  private final SpanFactory spans;

  /**
   * @param tracing creates, for a broker, the factory of the spans of that broker's events
   */
  TracedBroker(Broker broker, Function<Broker, SpanFactory> tracing) {
    super(broker);
    this.tracing = tracing;
    this.spans = tracing.apply(broker);
  }

  @Override
  public Future<Publisher> connect(Vertx vertx) {
    return super.connect(vertx).map(publisher -> new TracedPublisher(publisher, spans));
  }

  @Override
  public Broker redirectedTo(String destination) {
    return new TracedBroker(super.redirectedTo(destination), tracing);
  }
}

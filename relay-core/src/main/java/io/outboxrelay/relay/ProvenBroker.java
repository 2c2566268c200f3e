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
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The broker, which from the first connection on refuses the relay for a while at most.
 *
 * <p>A broker that refuses the relay when it starts needs a human: the password is wrong. If it has
 * let the relay in before, a password is being changed, a certificate has just ended, or a
 * permission was taken away; the relay would be down after that was mended if it ended. So it tries
 * again, as in any other outage.
 */
final class ProvenBroker implements Broker {
  private final Broker broker;
  private final AtomicBoolean proven;
  private final Runnable onRefusal;

  private ProvenBroker(Broker broker, AtomicBoolean proven, Runnable onRefusal) {
    this.broker = broker;
    this.proven = proven;
    this.onRefusal = onRefusal;
  }

  /**
   * @param onRefusal called whenever the broker has refused a connection
   */
  static ProvenBroker of(Broker broker, Runnable onRefusal) {
    return new ProvenBroker(broker, new AtomicBoolean(), onRefusal);
  }

  /** Whether it has let the relay in since the process was started. */
  boolean isProven() {
    return proven.get();
  }

  @Override
  public Future<Publisher> connect(Vertx vertx) {
    return broker
        .connect(vertx)
        .onSuccess(connected -> proven.set(true))
        .recover(failure -> Future.failedFuture(outageIfProven(failure)));
  }

  private Throwable outageIfProven(Throwable failure) {
    if (!(failure instanceof PublishException.Fatal)) {
      return failure;
    }
    onRefusal.run();
    return isProven()
        ? new PublishException.Retryable(
            failure.getMessage()
                + "; it has let the relay in before, so the relay goes on once it does again",
            failure)
        : failure;
  }

  @Override
  public Broker redirectedTo(String destination) {
    return new ProvenBroker(broker.redirectedTo(destination), proven, onRefusal);
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
  public Future<List<Finding>> check(Vertx vertx, Collection<OutboxEvent> samples) {
    return broker.check(vertx, samples);
  }

  @Override
  public String toString() {
    return broker.toString();
  }
}

package io.outboxrelay.failure;

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
 * Treats a refusal by the broker as temporary once the broker has accepted a connection.
 *
 * <p>If the broker refuses the first connection, the relay stops, because an operator must correct
 * its credentials. If the broker has accepted the relay before, the cause is usually temporary: a
 * password is being changed, a certificate has expired, or a permission was withdrawn. The relay
 * then tries again as in any other outage, so that it works as soon as the cause is corrected.
 */
public final class ProvenBroker implements Broker {
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
  public static ProvenBroker of(Broker broker, Runnable onRefusal) {
    return new ProvenBroker(broker, new AtomicBoolean(), onRefusal);
  }

  /** Returns true if the broker has accepted a connection since the process started. */
  public boolean isProven() {
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

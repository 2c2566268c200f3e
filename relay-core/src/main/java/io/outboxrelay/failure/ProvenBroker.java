package io.outboxrelay.failure;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.DelegatingBroker;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Treats a refusal by the broker as temporary if the broker has accepted a connection before.
 *
 * <p>If the broker refuses the first connection, the relay stops, because an operator must correct
 * the relay's credentials. If the broker has accepted the relay before, the cause is usually
 * temporary: a password is being changed, a certificate has expired, or a permission was withdrawn.
 * The relay then tries again as in any other outage, so that it works as soon as the cause is
 * corrected.
 */
public final class ProvenBroker extends DelegatingBroker {
  private final AtomicBoolean proven;
  private final Runnable onRefusal;

  private ProvenBroker(Broker broker, AtomicBoolean proven, Runnable onRefusal) {
    super(broker);
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
    return super.connect(vertx)
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
                + "; it has accepted this relay before, so the relay tries again until it does so again",
            failure)
        : failure;
  }

  @Override
  public Broker redirectedTo(String destination) {
    return new ProvenBroker(super.redirectedTo(destination), proven, onRefusal);
  }
}

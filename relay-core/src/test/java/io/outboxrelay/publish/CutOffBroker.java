package io.outboxrelay.publish;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.function.Supplier;

/**
 * The connection of one relay to a broker. A test can cut it off while other relays reach the
 * broker.
 */
public final class CutOffBroker extends DelegatingBroker {
  private final Supplier<PublishException> failure;
  private volatile boolean connects = true;
  private volatile boolean publishes = true;

  private CutOffBroker(Broker broker, Supplier<PublishException> failure) {
    super(broker);
    this.failure = failure;
  }

  /** Once it is cut off, the broker does not answer. */
  public static CutOffBroker silent(Broker broker) {
    return new CutOffBroker(
        broker, () -> new PublishException.Retryable("the way to the broker is cut", null));
  }

  /** Once it is cut off, the broker refuses the relay. */
  public static CutOffBroker refusing(Broker broker) {
    return new CutOffBroker(
        broker, () -> new PublishException.Fatal("the broker says: access refused", null));
  }

  /** Cuts off the connection of this relay. */
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
    return connects ? super.connect(vertx).map(CutOffPublisher::new) : failed();
  }

  private <T> Future<T> failed() {
    return Future.failedFuture(failure.get());
  }

  private final class CutOffPublisher extends DelegatingPublisher {
    CutOffPublisher(Publisher publisher) {
      super(publisher);
    }

    @Override
    public Future<Void> publish(OutboxEvent event) {
      return publishes ? super.publish(event) : failed();
    }
  }
}

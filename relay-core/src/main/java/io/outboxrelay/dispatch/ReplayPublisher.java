package io.outboxrelay.dispatch;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.deadletter.DeadLetter;
import io.outboxrelay.deadletter.RedeliveryFailure;
import io.outboxrelay.publish.Broker;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes replayed events. Uses a separate dispatcher and a separate publisher, so that replayed
 * events do not disturb the events that are read from the outbox. Keeps the order of each aggregate
 * and retries without limit.
 *
 * <p>All methods must be called on the event loop on which {@link #open} was called.
 */
public final class ReplayPublisher {
  private final Vertx vertx;
  private final LongSupplier nanoTime;
  private final Broker broker;
  private final Backoff backoff;
  private @Nullable PublisherConnector link;
  private @Nullable OrderedDispatcher dispatcher;
  private boolean closed;

  /**
   * @param nanoTime the clock of the retries
   */
  public ReplayPublisher(Vertx vertx, LongSupplier nanoTime, Broker broker, Backoff backoff) {
    this.vertx = vertx;
    this.nanoTime = nanoTime;
    this.broker = broker;
    this.backoff = backoff;
  }

  /**
   * Connects to the broker; completes once the broker has answered, however long that takes. May be
   * called once.
   */
  public Future<Void> open(TermContext term) {
    var traffic = PartitionRecorder.apart();
    var connecting = PublisherConnector.to(broker, vertx, backoff, traffic);
    link = connecting;
    return connecting
        .opened()
        .compose(
            publisher -> {
              if (closed) {
                return Future.failedFuture("closed before the broker had answered");
              }
              var way =
                  new OrderedDispatcher.PublisherBinding(
                      publisher, broker.ordering(), broker::destination, traffic);
              dispatcher = new OrderedDispatcher(vertx, way, backoff, term, nanoTime);
              return Future.succeededFuture();
            });
  }

  /**
   * Publishes an event. Completes with the reason if the event was rejected, or with empty once the
   * event is confirmed. Fails if this publisher is closed before.
   */
  public Future<Optional<RedeliveryFailure>> publish(DeadLetter deadLetter) {
    var open = dispatcher;
    return open == null
        ? Future.failedFuture(new IllegalStateException("not open"))
        : open.redeliveries().begin(deadLetter);
  }

  /** Drops waiting events; completes when nothing is in flight. */
  public Future<Void> close() {
    closed = true;
    if (dispatcher != null) {
      dispatcher.abandon();
    }
    var open = link;
    return open == null ? Future.succeededFuture() : open.close();
  }
}

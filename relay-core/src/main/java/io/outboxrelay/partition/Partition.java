package io.outboxrelay.partition;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes the events of its share of the aggregates, on an event loop and through a publisher of
 * its own.
 *
 * <p>Its methods may be called from any thread.
 */
public final class Partition extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(Partition.class);

  private final Broker broker;
  private final Backoff backoff;
  private @Nullable Publisher publisher;
  private @Nullable Lanes lanes;
  private boolean stopped;

  public Partition(Broker broker, Backoff backoff) {
    this.broker = broker;
    this.backoff = backoff;
  }

  /** Connects ahead of a term, so that a standby knows that its broker answers. */
  Future<Void> prepare() {
    return onLoop(() -> connect().mapEmpty());
  }

  /**
   * Begins a term: nothing of an earlier one is published any more. Completes once the broker has
   * answered, for as long as that takes.
   */
  Future<Void> begin(Term term) {
    return onLoop(() -> connect().map(connected -> begin(term, connected)));
  }

  private @Nullable Void begin(Term term, Publisher connected) {
    lanes = new Lanes(vertx, connected, broker.ordering(), backoff, term);
    return null;
  }

  /** Publishes a slice; what belongs to no term is left unpublished, and its future open. */
  void publish(Slice slice) {
    onLoop(
        () -> {
          var current = lanes;
          if (current != null) {
            current.accept(slice);
          }
          return Future.succeededFuture();
        });
  }

  /** Ends the term: what waits is dropped, and what is in flight is over when this completes. */
  Future<Void> end() {
    return onLoop(
        () -> {
          var current = lanes;
          lanes = null;
          if (current != null) {
            current.abandon();
          }
          return closePublisher();
        });
  }

  @Override
  public Future<?> stop() {
    stopped = true;
    return end();
  }

  private Future<Void> closePublisher() {
    var open = publisher;
    publisher = null;
    return open == null ? Future.succeededFuture() : open.close();
  }

  private Future<Publisher> connect() {
    var open = publisher;
    if (open != null) {
      return Future.succeededFuture(open);
    }
    Promise<Publisher> connected = Promise.promise();
    connect(connected, 1);
    return connected.future();
  }

  private void connect(Promise<Publisher> connected, int attempt) {
    broker
        .connect(vertx)
        .onComplete(
            opened -> connected(connected, opened),
            failure -> connectFailed(connected, attempt, failure));
  }

  private void connected(Promise<Publisher> connected, Publisher opened) {
    if (stopped) {
      opened.close().onComplete(closed -> connected.fail("stopped"));
    } else {
      publisher = opened;
      connected.complete(opened);
    }
  }

  private void connectFailed(Promise<Publisher> connected, int attempt, Throwable failure) {
    if (failure instanceof PublishException.Fatal || stopped) {
      connected.fail(failure);
      return;
    }
    if (attempt == 1) {
      LOG.warn("the broker does not answer, trying until it does: {}", failure.getMessage());
    }
    vertx.setTimer(backoff.millis(attempt), fired -> connect(connected, attempt + 1));
  }

  private <T> Future<T> onLoop(Supplier<Future<T>> action) {
    Context loop = context;
    Promise<T> result = Promise.promise();
    loop.runOnContext(event -> action.get().onComplete(result));
    return result.future();
  }
}

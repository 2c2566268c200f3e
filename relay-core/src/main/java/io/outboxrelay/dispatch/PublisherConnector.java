package io.outboxrelay.dispatch;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects one publisher to the broker. If the broker does not answer, tries again until it does.
 *
 * <p>Used from one event loop.
 */
final class PublisherConnector {
  private static final Logger LOG = LoggerFactory.getLogger(PublisherConnector.class);

  private final Vertx vertx;
  private final Context context;
  private final Broker broker;
  private final Backoff backoff;
  private final PartitionRecorder traffic;
  private final Promise<Publisher> opened = Promise.promise();
  private long timer = -1;
  private boolean closed;

  private PublisherConnector(
      Vertx vertx, Broker broker, Backoff backoff, PartitionRecorder traffic) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.broker = broker;
    this.backoff = backoff;
    this.traffic = traffic;
  }

  /**
   * Starts connecting.
   *
   * @param traffic records what happens to the events of the partition
   */
  static PublisherConnector to(
      Broker broker, Vertx vertx, Backoff backoff, PartitionRecorder traffic) {
    var link = new PublisherConnector(vertx, broker, backoff, traffic);
    link.connect(1);
    return link;
  }

  /**
   * Completes once the broker has answered; fails if the broker refuses the relay, or if {@link
   * #close} is called before.
   */
  Future<Publisher> opened() {
    return opened.future();
  }

  /** Closes the publisher, or stops connecting; completes when nothing is in flight. */
  Future<Void> close() {
    closed = true;
    vertx.cancelTimer(timer);
    opened.tryFail("closed before the broker had answered");
    return opened.future().compose(Publisher::close, neverOpened -> Future.succeededFuture());
  }

  /**
   * Tries once to connect. The broker module may report the outcome on any thread; it is processed
   * on this event loop.
   */
  private void connect(int attempt) {
    broker
        .connect(vertx)
        .onComplete(
            publisher -> context.runOnContext(back -> connected(publisher)),
            failure -> context.runOnContext(back -> failed(attempt, failure)));
  }

  private void connected(Publisher publisher) {
    traffic.health().reached();
    publisher.reportTo(traffic.receipts());
    if (!opened.tryComplete(publisher)) {
      publisher.close();
    }
  }

  private void failed(int attempt, Throwable failure) {
    if (failure instanceof PublishException.Fatal) {
      opened.tryFail(failure);
    }
    if (closed || opened.future().isComplete()) {
      return;
    }
    traffic.health().unreachable(String.valueOf(failure.getMessage()));
    if (attempt == 1) {
      LOG.warn("not connected to the broker, trying until that works: {}", failure.getMessage());
    }
    timer = vertx.setTimer(backoff.millis(attempt), fired -> connect(attempt + 1));
  }
}

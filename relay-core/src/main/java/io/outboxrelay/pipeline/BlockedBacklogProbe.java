package io.outboxrelay.pipeline;

import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.lifecycle.NotifiedPoller;
import io.outboxrelay.lifecycle.Service;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds events for other destinations in the backlog while the read-ahead is full. If all events in
 * the read-ahead go to destinations that fail, the probe samples the backlog that is not read yet
 * and passes the destinations found to {@link DestinationGate#tryOthers}.
 *
 * <p>Runs on one event loop, for one term.
 */
final class BlockedBacklogProbe extends Service {
  private static final Logger LOG = LoggerFactory.getLogger(BlockedBacklogProbe.class);

  private final ReadState readAhead;
  private final DestinationGate destinations;
  private final Function<OutboxEvent, String> destination;
  private final LongFunction<Future<List<OutboxEvent>>> backlog;
  private final Duration pause;
  private final NotifiedPoller poller;

  /** The progress of reading a shard. */
  interface ReadState {
    /** Returns true if no further page is read until events are confirmed. */
    boolean isFull();

    /** Returns the sequence number of the last event read; 0 before the first. */
    long lastRead();
  }

  /**
   * @param destination returns an event's destination; empty if it has none
   * @param backlog samples the events with numbers above a sequence number
   * @param pause time between two looks
   */
  BlockedBacklogProbe(
      Vertx vertx,
      ReadState readAhead,
      DestinationGate destinations,
      Function<OutboxEvent, String> destination,
      LongFunction<Future<List<OutboxEvent>>> backlog,
      Duration pause) {
    this.readAhead = readAhead;
    this.destinations = destinations;
    this.destination = destination;
    this.backlog = backlog;
    this.pause = pause;
    this.poller = new NotifiedPoller(vertx, this::look, this::failed);
  }

  @Override
  protected Future<Void> startNow() {
    poller.lookAfter(pause);
    return Future.succeededFuture();
  }

  @Override
  protected Future<Void> stopNow() {
    poller.stop();
    return Future.succeededFuture();
  }

  /**
   * Samples the backlog only if the read-ahead is full, because otherwise the pump itself reads on.
   */
  private Future<Duration> look() {
    return readAhead.isFull() && destinations.breakers().standStill()
        ? backlog.apply(readAhead.lastRead()).onSuccess(this::tryDestinationsOf).map(pause)
        : Future.succeededFuture(pause);
  }

  private void tryDestinationsOf(List<OutboxEvent> events) {
    if (!isStopped()) {
      destinations.tryOthers(events.stream().map(destination).distinct().toList());
    }
  }

  private Duration failed(Throwable failure) {
    LOG.debug("the backlog behind the read-ahead could not be sampled; trying again", failure);
    return pause;
  }
}

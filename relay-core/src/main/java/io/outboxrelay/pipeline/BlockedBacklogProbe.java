package io.outboxrelay.pipeline;

import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.outbox.BacklogSampler;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.DestinationLookup;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds events for other destinations behind a full read-ahead. If everything read ahead goes to
 * destinations that fail, it samples the backlog behind and passes the destinations found to {@link
 * DestinationGate#tryOthers}.
 *
 * <p>Lives on one event loop, for one term.
 */
final class BlockedBacklogProbe {
  private static final Logger LOG = LoggerFactory.getLogger(BlockedBacklogProbe.class);

  private final Vertx vertx;
  private final PagePump<?> flow;
  private final DestinationGate destinations;
  private final Function<OutboxEvent, String> destination;
  private final BacklogSampler backlogSampler;
  private final Duration pause;
  private long timer = -1;
  private boolean looking;

  /**
   * @param pause time between two looks
   */
  BlockedBacklogProbe(
      Vertx vertx,
      PagePump<?> flow,
      DestinationGate destinations,
      Broker broker,
      BacklogSampler backlogSampler,
      Duration pause) {
    this.vertx = vertx;
    this.flow = flow;
    this.destinations = destinations;
    this.destination = DestinationLookup.emptyWhereNone(broker::destination);
    this.backlogSampler = backlogSampler;
    this.pause = pause;
  }

  void start() {
    timer = vertx.setPeriodic(Math.max(1, pause.toMillis()), passed -> look());
  }

  void stop() {
    vertx.cancelTimer(timer);
  }

  /**
   * Samples the backlog only if the read-ahead is full: otherwise every event has been read and
   * tried.
   */
  private void look() {
    if (looking || !flow.isFull() || !destinations.breakers().standStill()) {
      return;
    }
    looking = true;
    backlogSampler
        .after(flow.lastRead())
        .onComplete(
            events -> destinations.tryOthers(destinationsOf(events)),
            failure ->
                LOG.debug("what waits behind could not be read; that is tried again", failure))
        .onComplete(over -> looking = false);
  }

  private List<String> destinationsOf(List<OutboxEvent> events) {
    return events.stream().map(destination).distinct().toList();
  }
}

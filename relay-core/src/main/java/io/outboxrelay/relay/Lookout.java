package io.outboxrelay.relay;

import io.outboxrelay.outbox.Sounding;
import io.outboxrelay.partition.Destinations;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.Destination;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks beyond what is read ahead, where all of that goes to destinations that fail: whether others
 * have events that wait behind.
 *
 * <p>Lives on one event loop, for one term.
 */
final class Lookout {
  private static final Logger LOG = LoggerFactory.getLogger(Lookout.class);

  private final Vertx vertx;
  private final Flow<?> flow;
  private final Destinations destinations;
  private final Function<OutboxEvent, String> destination;
  private final Sounding sounding;
  private final Duration pause;
  private long timer = -1;
  private boolean looking;

  /**
   * @param pause between two looks, and as long as nothing may have moved before there is one
   */
  Lookout(
      Vertx vertx,
      Flow<?> flow,
      Destinations destinations,
      Broker broker,
      Sounding sounding,
      Duration pause) {
    this.vertx = vertx;
    this.flow = flow;
    this.destinations = destinations;
    this.destination = Destination.emptyWhereNone(broker::destination);
    this.sounding = sounding;
    this.pause = pause;
  }

  void start() {
    timer = vertx.setPeriodic(Math.max(1, pause.toMillis()), passed -> look());
  }

  void stop() {
    vertx.cancelTimer(timer);
  }

  /** While there is room, all that there is has been read and tried. */
  private void look() {
    if (looking || !flow.isFull() || !destinations.standStill()) {
      return;
    }
    looking = true;
    sounding
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

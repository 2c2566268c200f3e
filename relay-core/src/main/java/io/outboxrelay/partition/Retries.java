package io.outboxrelay.partition;

import io.outboxrelay.metrics.Traffic;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when a troubled lane tries again.
 *
 * <p>Each lane backs off by itself. While nothing at all succeeds, an outage, only a few lanes try
 * at each turn, however many wait, and those of destinations first that had none yet: where one
 * takes nothing, it is the others that show it. The first success lets all of them go.
 */
final class Retries {
  private static final Logger LOG = LoggerFactory.getLogger(Retries.class);

  /** How many lanes try at a turn of an outage. */
  private static final int PROBES = 8;

  private static final long LINE_EVERY_NANOS = 10_000_000_000L;

  private final Vertx vertx;
  private final Backoff backoff;
  private final Traffic traffic;
  private final LongSupplier nanoTime;
  private final Predicate<Lane> mayRetry;
  private final Consumer<Lane> retry;
  private final Set<Lane> troubled = new LinkedHashSet<>();

  /** Destinations that had a try in this round of an outage. */
  private final Set<String> probed = new HashSet<>();

  private long timer = -1;
  private boolean outage;
  private boolean ended;
  private int silentTurns;
  private long failures;
  private long lastLine;

  /**
   * @param traffic told how it goes
   */
  Retries(
      Vertx vertx,
      Backoff backoff,
      Traffic traffic,
      LongSupplier nanoTime,
      Predicate<Lane> mayRetry,
      Consumer<Lane> retry) {
    this.vertx = vertx;
    this.backoff = backoff;
    this.traffic = traffic;
    this.nanoTime = nanoTime;
    this.lastLine = nanoTime.getAsLong() - LINE_EVERY_NANOS - 1;
    this.mayRetry = mayRetry;
    this.retry = retry;
  }

  /**
   * Takes on a lane whose event failed.
   *
   * @param destination where it was to go
   */
  void add(Lane lane, OutboxEvent event, String destination, Throwable failure) {
    lane.destination = destination;
    lane.notBefore = nanoTime.getAsLong() + backoff.millis(lane.attempts) * 1_000_000;
    outage = true;
    failures++;
    traffic.failed(event, String.valueOf(failure.getMessage()));
    logNowAndThen(event, failure);
    add(lane);
  }

  /** Takes on a lane that waits only for what the publisher still has of it. */
  void add(Lane lane) {
    lane.resting = true;
    troubled.add(lane);
    schedule();
  }

  /** A burst of failures is one line with a count, or an outage would fill the disk. */
  private void logNowAndThen(OutboxEvent event, Throwable failure) {
    LOG.debug("{} failed", event, failure);
    long now = nanoTime.getAsLong();
    if (now - lastLine > LINE_EVERY_NANOS) {
      lastLine = now;
      EventLine.about(event, traffic.shard(), LOG.atWarn())
          .addKeyValue("failures", failures)
          .log(
              "{} was not published: {}; trying again until it is (failures since the last such line:"
                  + " {})",
              event,
              failure.getMessage(),
              failures);
      failures = 0;
    }
  }

  /** Takes note that the broker confirmed something. */
  void succeeded() {
    if (!outage) {
      return;
    }
    // While others succeed, a lane that fails is in trouble of its own and backs off by itself.
    if (isSilent()) {
      LOG.info("publishing works again, {} aggregates catch up", troubled.size());
      troubled.forEach(lane -> lane.notBefore = nanoTime.getAsLong());
    }
    noOutage();
  }

  /**
   * Takes note that some do succeed, here or elsewhere, or that nothing that failed is left: all
   * may have their turn again.
   */
  void noOutage() {
    if (outage) {
      outage = false;
      silentTurns = 0;
      probed.clear();
      traffic.succeeds();
      stop();
      schedule();
    }
  }

  /** Ends all tries, also where it is called by one of them. */
  void end() {
    ended = true;
    stop();
  }

  private void stop() {
    if (timer >= 0) {
      vertx.cancelTimer(timer);
      timer = -1;
    }
  }

  private boolean isSilent() {
    return silentTurns > 2;
  }

  private void schedule() {
    if (ended) {
      return;
    }
    traffic.retrying(troubled.size());
    if (timer < 0 && !troubled.isEmpty()) {
      silentTurns = outage ? silentTurns + 1 : 0;
      if (isSilent()) {
        traffic.fails();
      }
      timer = vertx.setTimer(backoff.millis(Math.max(1, silentTurns)), fired -> turn());
    }
  }

  private void turn() {
    timer = -1;
    var ready = outage ? probes() : ready();
    ready.forEach(troubled::remove);
    ready.forEach(lane -> lane.resting = false);
    ready.forEach(retry);
    schedule();
  }

  private List<Lane> ready() {
    long now = nanoTime.getAsLong();
    var ready = new ArrayList<Lane>();
    for (var lane : troubled) {
      if (now - lane.notBefore >= 0 && mayRetry.test(lane)) {
        ready.add(lane);
      }
    }
    return ready;
  }

  /**
   * Those of new destinations come first, and of these the one that was tried longest ago last: the
   * first failure may have the publisher give back all that is behind it.
   */
  private List<Lane> probes() {
    var ready = ready();
    var probes = new ArrayList<Lane>(PROBES);
    if (ready.stream().allMatch(lane -> probed.contains(lane.destination))) {
      probed.clear();
    }
    for (var lane : ready) {
      if (probes.size() < PROBES && probed.add(lane.destination)) {
        probes.add(lane);
      }
    }
    Collections.reverse(probes);
    for (var lane : ready) {
      if (probes.size() == PROBES) {
        break;
      }
      if (!probes.contains(lane)) {
        probes.add(lane);
      }
    }
    return probes;
  }
}

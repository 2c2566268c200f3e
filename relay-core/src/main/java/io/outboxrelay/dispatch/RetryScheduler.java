package io.outboxrelay.dispatch;

import io.outboxrelay.metrics.PartitionMetrics;
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
final class RetryScheduler {
  private static final Logger LOG = LoggerFactory.getLogger(RetryScheduler.class);

  /** How many lanes try at a turn of an outage. */
  private static final int PROBES = 8;

  private static final long LINE_EVERY_NANOS = 10_000_000_000L;

  private final Vertx vertx;
  private final Backoff backoff;
  private final PartitionMetrics traffic;
  private final LongSupplier nanoTime;
  private final Predicate<AggregateQueue> mayRetry;
  private final Consumer<AggregateQueue> retry;
  private final Set<AggregateQueue> troubled = new LinkedHashSet<>();

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
  RetryScheduler(
      Vertx vertx,
      Backoff backoff,
      PartitionMetrics traffic,
      LongSupplier nanoTime,
      Predicate<AggregateQueue> mayRetry,
      Consumer<AggregateQueue> retry) {
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
  void add(AggregateQueue queue, OutboxEvent event, String destination, Throwable failure) {
    queue.destination = destination;
    queue.notBefore = nanoTime.getAsLong() + backoff.millis(queue.attempts) * 1_000_000;
    outage = true;
    failures++;
    traffic.failed(event, String.valueOf(failure.getMessage()));
    logNowAndThen(event, failure);
    add(queue);
  }

  /** Takes on a lane that waits only for what the publisher still has of it. */
  void add(AggregateQueue queue) {
    queue.resting = true;
    troubled.add(queue);
    schedule();
  }

  /** A burst of failures is one line with a count, or an outage would fill the disk. */
  private void logNowAndThen(OutboxEvent event, Throwable failure) {
    LOG.debug("{} failed", event, failure);
    long now = nanoTime.getAsLong();
    if (now - lastLine > LINE_EVERY_NANOS) {
      lastLine = now;
      EventLogFields.about(event, traffic.shard(), LOG.atWarn())
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
      troubled.forEach(queue -> queue.notBefore = nanoTime.getAsLong());
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
    ready.forEach(queue -> queue.resting = false);
    ready.forEach(retry);
    schedule();
  }

  private List<AggregateQueue> ready() {
    long now = nanoTime.getAsLong();
    var ready = new ArrayList<AggregateQueue>();
    for (var queue : troubled) {
      if (now - queue.notBefore >= 0 && mayRetry.test(queue)) {
        ready.add(queue);
      }
    }
    return ready;
  }

  /**
   * Those of new destinations come first, and of these the one that was tried longest ago last: the
   * first failure may have the publisher give back all that is behind it.
   */
  private List<AggregateQueue> probes() {
    var ready = ready();
    var probes = new ArrayList<AggregateQueue>(PROBES);
    if (ready.stream().allMatch(queue -> probed.contains(queue.destination))) {
      probed.clear();
    }
    for (var queue : ready) {
      if (probes.size() < PROBES && probed.add(queue.destination)) {
        probes.add(queue);
      }
    }
    Collections.reverse(probes);
    for (var queue : ready) {
      if (probes.size() == PROBES) {
        break;
      }
      if (!probes.contains(queue)) {
        probes.add(queue);
      }
    }
    return probes;
  }
}

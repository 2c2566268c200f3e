package io.outboxrelay.dispatch;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.format.CountFormat;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when a queue with a failed event tries again.
 *
 * <p>Each queue has its own back-off. The time from a failure until the next confirm is called an
 * outage here. During an outage, a timer starts turns, and at each turn only a few queues try
 * again. A round of turns tries the queues of each destination once before it tries a destination
 * again: if only one destination is down, an event for another destination is soon confirmed. The
 * first confirm ends the outage.
 */
final class RetryScheduler {
  private static final Logger LOG = LoggerFactory.getLogger(RetryScheduler.class);

  /** The highest number of queues that try at one turn of an outage. */
  private static final int PROBES = 8;

  private static final long LINE_EVERY_NANOS = 10_000_000_000L;

  private final Vertx vertx;
  private final Backoff backoff;
  private final Backoff rarely;
  private final PartitionRecorder traffic;
  private final LongSupplier nanoTime;
  private final Predicate<AggregateQueue> mayRetry;
  private final Consumer<AggregateQueue> retry;
  private final Set<AggregateQueue> troubled = new LinkedHashSet<>();

  /**
   * The queues that are tried rarely: their last failure was a {@link
   * PublishException.PartlyTaken}, so each further attempt may leave one more copy at the broker.
   * In the order of their latest failures.
   */
  private final Set<AggregateQueue> rare = new LinkedHashSet<>();

  /** Destinations that were tried in this round of an outage. */
  private final Set<String> probed = new HashSet<>();

  private long timer = -1;
  private RetryState state = RetryState.NORMAL;
  private int silentTurns;
  private long failures;
  private long lastLine;

  /**
   * @param traffic records what happens to the events of the partition
   * @param mayRetry returns true if the queue need not wait for the outcomes of events in flight
   * @param retry called with each queue that is to try again now
   */
  RetryScheduler(
      Vertx vertx,
      Backoff backoff,
      PartitionRecorder traffic,
      LongSupplier nanoTime,
      Predicate<AggregateQueue> mayRetry,
      Consumer<AggregateQueue> retry) {
    this.vertx = vertx;
    this.backoff = backoff;
    this.rarely = backoff.upToMinutes();
    this.traffic = traffic;
    this.nanoTime = nanoTime;
    this.lastLine = nanoTime.getAsLong() - LINE_EVERY_NANOS - 1;
    this.mayRetry = mayRetry;
    this.retry = retry;
  }

  /**
   * Adds a queue of which an event has failed.
   *
   * @param destination the destination of {@code event}; empty if the event has none
   */
  void add(AggregateQueue queue, OutboxEvent event, String destination, Throwable failure) {
    queue.destination = destination;
    boolean mayLeaveCopies = failure instanceof PublishException.PartlyTaken;
    rare.remove(queue);
    if (mayLeaveCopies) {
      rare.add(queue);
    }
    long pause = (mayLeaveCopies ? rarely : backoff).millis(queue.attempts);
    queue.notBefore = nanoTime.getAsLong() + pause * 1_000_000;
    if (state == RetryState.NORMAL) {
      to(RetryState.OUTAGE);
    }
    failures++;
    traffic.health().failed(event, String.valueOf(failure.getMessage()));
    logNowAndThen(event, failure);
    add(queue);
  }

  /**
   * Adds a queue that must wait, for example for the outcomes of events in flight. Does not change
   * the queue's back-off.
   */
  void add(AggregateQueue queue) {
    queue.resting = true;
    troubled.add(queue);
    schedule();
  }

  /**
   * Logs a failure, at most one line in 10 seconds, because otherwise the log of an outage could
   * fill the disk. The line contains the number of failures since the line before.
   */
  private void logNowAndThen(OutboxEvent event, Throwable failure) {
    LOG.debug("{} failed", event, failure);
    long now = nanoTime.getAsLong();
    if (now - lastLine > LINE_EVERY_NANOS) {
      lastLine = now;
      EventLogFields.about(event, traffic.shard(), LOG.atWarn())
          .addKeyValue("failures", failures)
          .log(
              "{} was not published: {}; trying again until it is (failures since the last such"
                  + " line: {})",
              event,
              failure.getMessage(),
              failures);
      failures = 0;
    }
  }

  /**
   * Returns true if there is a queue with a next event that may leave one more copy at the broker
   * with each attempt.
   */
  boolean areSomeRare() {
    return !rare.isEmpty();
  }

  /**
   * Records that the broker has confirmed an event. If earlier attempts at the event may have left
   * copies, lets other queues of the same destination try soon.
   *
   * @param queue null if the event had no queue
   */
  void taken(@Nullable AggregateQueue queue) {
    if (queue != null && rare.remove(queue)) {
      hasten(queue.destination);
    }
  }

  /** Records that the broker has confirmed an event. */
  void succeeded() {
    if (state != RetryState.OUTAGE) {
      return;
    }
    // All queues try again at once only after several turns without a confirm. Otherwise a failing
    // queue keeps its own back-off.
    if (isSilent()) {
      LOG.info(
          "publishing works again, {} up",
          CountFormat.of(troubled.size(), "aggregate catches", "aggregates catch"));
      troubled.stream()
          .filter(waiting -> !rare.contains(waiting))
          .forEach(waiting -> waiting.notBefore = nanoTime.getAsLong());
    }
    noOutage();
  }

  /**
   * Lets two of the queues that may leave copies try now, because their destination has confirmed
   * an event. If they succeed, each of them lets two more queues try. If they fail, each confirmed
   * event has caused at most two further copies.
   */
  private void hasten(String destination) {
    var candidates = rare.iterator();
    long now = nanoTime.getAsLong();
    for (int hastened = 0, seen = 0;
        hastened < 2 && seen < PROBES && candidates.hasNext();
        seen++) {
      var waiting = candidates.next();
      if (waiting.destination.equals(destination) && waiting.notBefore - now > 0) {
        waiting.notBefore = now;
        hastened++;
      }
    }
  }

  /** Removes a queue that is empty. */
  void closed(AggregateQueue queue) {
    if (!rare.isEmpty()) {
      rare.remove(queue);
    }
  }

  /**
   * Ends the outage, if there is one, because an event was confirmed, an event was deferred, or no
   * queue is left. From now on, each queue tries again after its own back-off.
   */
  void noOutage() {
    if (state == RetryState.OUTAGE) {
      to(RetryState.NORMAL);
      silentTurns = 0;
      probed.clear();
      traffic.health().succeeds();
      stop();
      schedule();
    }
  }

  /** Stops all retries; may be called while a queue tries again. */
  void end() {
    to(RetryState.ENDED);
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
    if (state == RetryState.ENDED) {
      return;
    }
    traffic.retrying(troubled.size());
    if (timer < 0 && !troubled.isEmpty()) {
      silentTurns = state == RetryState.OUTAGE ? silentTurns + 1 : 0;
      if (isSilent()) {
        traffic.health().fails();
      }
      timer = vertx.setTimer(backoff.millis(Math.max(1, silentTurns)), fired -> turn());
    }
  }

  private void turn() {
    timer = -1;
    var ready = state == RetryState.OUTAGE ? probes() : ready();
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
   * Returns the queues that try at one turn of an outage. It first selects one queue for each
   * destination that was not tried in this round, and then fills up with other queues. The queues
   * selected first are returned in reverse order of their failures. The reason is that a pipelining
   * publisher, after one failure, may return all events after the failed event.
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

  private void to(RetryState next) {
    state = state.to(next);
  }
}

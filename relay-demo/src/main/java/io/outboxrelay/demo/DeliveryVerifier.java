package io.outboxrelay.demo;

import io.outboxrelay.testkit.AggregateArrivals.Arrival;
import io.outboxrelay.testkit.ArrivalLedger;
import io.outboxrelay.testkit.CommitLatencies;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Compares the events that the writers committed with the events that the consumer received. Safe
 * for all threads.
 */
final class DeliveryVerifier implements TransactionListener {
  /**
   * Events of the first two seconds are not counted in the latency, because the relay's JVM warms
   * up and the consumer joins its topic.
   */
  static final Duration WARM_UP = Duration.ofSeconds(2);

  private final ArrivalLedger arrivals = new ArrivalLedger();
  private final Map<String, Integer> lastVersions = new HashMap<>();
  private final CommitLatencies<OrderEvent> latencies = new CommitLatencies<>();
  private final long start = System.nanoTime();
  private long firstArrival;
  private long lastArrival = start;
  private boolean warm;
  private long transactions;
  private long rolledBack;
  private long committed;

  @Override
  public synchronized void committed(List<OrderEvent> events, long nanoTime) {
    transactions++;
    committed += events.size();
    for (var event : events) {
      lastVersions.merge(event.order(), event.version(), Math::max);
      latencies.committed(event, nanoTime);
    }
  }

  @Override
  public synchronized void rolledBack() {
    rolledBack++;
  }

  /** Records a received message. */
  synchronized void arrived(OrderEvent event, long nanoTime) {
    warmUp(nanoTime);
    lastArrival = nanoTime;
    if (arrivals.arrived(event.order(), event.version()) != Arrival.REPEATED) {
      latencies.arrived(event, nanoTime);
    }
    notifyAll();
  }

  private void warmUp(long nanoTime) {
    firstArrival = firstArrival == 0 ? nanoTime : firstArrival;
    if (!warm && nanoTime - firstArrival >= WARM_UP.toNanos()) {
      warm = true;
      latencies.start();
    }
  }

  /**
   * Waits until every committed event has arrived; returns false if some have not after {@code
   * patience}.
   */
  synchronized boolean awaitAll(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (arrivals.delivered() < committed) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }

  /** Returns when no message has arrived for this time. */
  synchronized void awaitQuiet(Duration quiet) throws InterruptedException {
    long begin = System.nanoTime();
    for (long left = quiet.toNanos(); left > 0; ) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = quiet.toNanos() - (System.nanoTime() - Math.max(begin, lastArrival));
    }
  }

  /**
   * Returns the figures while events may still be under way: an event counts as lost if a later
   * event of its order has arrived.
   */
  synchronized DemoStats soFar() {
    return figures(arrivals.skipped());
  }

  /** Returns the final figures: every event that has not arrived counts as lost. */
  synchronized DemoStats atTheEnd() {
    return figures(arrivals.missing(lastVersions));
  }

  private DemoStats figures(long lost) {
    long now = System.nanoTime();
    return new DemoStats(
        Duration.ofNanos(now - start),
        Duration.ofNanos(now - lastArrival),
        new WriteCounts(transactions, rolledBack, committed),
        new ArrivalCounts(
            arrivals.delivered(),
            lost,
            arrivals.count(Arrival.OVERTAKEN),
            arrivals.count(Arrival.REPEATED)),
        latency());
  }

  private String latency() {
    return latencies.count() == 0
        ? "no latency measured yet"
        : String.format(
            Locale.ROOT, "p50 %.1f ms, p99 %.1f ms", latencies.millis(50), latencies.millis(99));
  }
}

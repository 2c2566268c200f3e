package io.outboxrelay.demo;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;

/**
 * Compares the events that the writers committed with the events that the consumer received. Safe
 * for all threads.
 */
final class DeliveryVerifier implements TransactionListener {
  private final Map<String, OrderHistory> orders = new HashMap<>();
  private final DemoLatencies latencies = new DemoLatencies();
  private final long start = System.nanoTime();
  private long lastArrival = start;
  private long transactions;
  private long rolledBack;
  private long committed;
  private long delivered;
  private long overtaken;
  private long repeated;

  @Override
  public synchronized void committed(List<OrderEvent> events, long nanoTime) {
    transactions++;
    committed += events.size();
    events.forEach(event -> history(event).committed(event.version(), nanoTime));
  }

  @Override
  public synchronized void rolledBack() {
    rolledBack++;
  }

  /** Records a received message. */
  synchronized void arrived(OrderEvent event, long nanoTime) {
    var history = history(event);
    lastArrival = nanoTime;
    var arrival = history.arrived(event.version());
    if (arrival == OrderHistory.Arrival.REPEATED) {
      repeated++;
    } else {
      delivered++;
      overtaken += arrival == OrderHistory.Arrival.OVERTAKEN ? 1 : 0;
      latencies.add(history.nanosUnderWay(event.version(), nanoTime), nanoTime);
    }
    notifyAll();
  }

  private OrderHistory history(OrderEvent event) {
    return orders.computeIfAbsent(event.order(), order -> new OrderHistory());
  }

  /**
   * Waits until every committed event has arrived; returns false if some have not after {@code
   * patience}.
   */
  synchronized boolean awaitAll(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (delivered < committed) {
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
    return figures(OrderHistory::skipped);
  }

  /** Returns the final figures: every event that has not arrived counts as lost. */
  synchronized DemoStats atTheEnd() {
    return figures(OrderHistory::missing);
  }

  private DemoStats figures(ToIntFunction<OrderHistory> lost) {
    long now = System.nanoTime();
    return new DemoStats(
        Duration.ofNanos(now - start),
        Duration.ofNanos(now - lastArrival),
        transactions,
        rolledBack,
        committed,
        delivered,
        orders.values().stream().mapToInt(lost).sum(),
        overtaken,
        repeated,
        latencies.summary());
  }
}

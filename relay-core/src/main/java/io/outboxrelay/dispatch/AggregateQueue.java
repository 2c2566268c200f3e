package io.outboxrelay.dispatch;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The events of one aggregate that wait for an earlier one of it.
 *
 * <p>Kept in the order in which they came, however often they are tried: a failed event goes back
 * before those that never left.
 */
final class AggregateQueue {
  private final PriorityQueue<PendingDelivery> failed =
      new PriorityQueue<>(1, Comparator.comparingLong(delivery -> delivery.place));
  private final ArrayDeque<PendingDelivery> waiting = new ArrayDeque<>(4);
  final String aggregateId;

  /** Hand-overs up to this one must be over before the lane may send again. */
  long barrier;

  /** The one event of the lane that the publisher has; the rest waits for its outcome. */
  @Nullable PendingDelivery probe;

  /** Whether it waits for another try; see {@link RetryScheduler}. */
  boolean resting;

  /** Where its event was to go that failed last; empty where none has, or that has none. */
  String destination = "";

  /** Failures in a row. */
  int attempts;

  /** The moment, in nanoseconds, before which it should not send again. */
  long notBefore;

  /** What waits for the lane to close; see {@link OrderedDispatcher#whenSettled}. */
  @Nullable Runnable whenClosed;

  AggregateQueue(String aggregateId, long barrier) {
    this.aggregateId = aggregateId;
    this.barrier = barrier;
  }

  void add(PendingDelivery delivery) {
    waiting.add(delivery);
  }

  /** Counts a failure; the events that fell together with the first one are not failures more. */
  void countFailure(PendingDelivery delivery) {
    if (attempts == 0 || probe == delivery) {
      attempts++;
    }
  }

  /** Takes back an event that was handed over and failed. */
  void takeBack(PendingDelivery delivery) {
    failed.add(delivery);
    if (probe == delivery) {
      probe = null;
    }
  }

  boolean isEmpty() {
    return failed.isEmpty() && waiting.isEmpty();
  }

  @Nullable PendingDelivery poll() {
    return failed.isEmpty() ? waiting.poll() : failed.poll();
  }
}

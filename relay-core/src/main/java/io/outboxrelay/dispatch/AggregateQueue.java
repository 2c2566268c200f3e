package io.outboxrelay.dispatch;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The events of one aggregate that wait for an earlier event of the same aggregate.
 *
 * <p>The events keep the order in which they were accepted, however often they are retried: a
 * failed event goes back in front of the events that were never handed to the publisher. Runs on
 * one event loop.
 */
final class AggregateQueue {
  private final PriorityQueue<PendingDelivery> failed =
      new PriorityQueue<>(1, Comparator.comparingLong(delivery -> delivery.place));
  private final ArrayDeque<PendingDelivery> waiting = new ArrayDeque<>(4);
  final String aggregateId;

  /**
   * The turn, which is the running number of a hand-over to the publisher, that blocks the retries
   * of this queue. An event is retried only once the publisher has reported the outcome of every
   * hand-over up to and including this turn.
   */
  long barrier;

  /**
   * The event of this aggregate that is in flight alone, while the other events wait for its
   * outcome; null if there is none.
   */
  @Nullable PendingDelivery probe;

  /** True while the queue waits in {@link RetryScheduler} for its next attempt. */
  boolean resting;

  /** Destination of the event that failed last; empty if none failed or it has no destination. */
  String destination = "";

  /** The number of failed attempts since the last success. */
  int attempts;

  /** The earliest time of the next attempt, in the unit of {@link System#nanoTime}. */
  long notBefore;

  /** Runs once the queue is empty and closed; see {@link OrderedDispatcher#whenSettled}. */
  @Nullable Runnable whenClosed;

  AggregateQueue(String aggregateId, long barrier) {
    this.aggregateId = aggregateId;
    this.barrier = barrier;
  }

  void add(PendingDelivery delivery) {
    waiting.add(delivery);
  }

  /** Counts a failure. Events that were in flight together and fail together count once. */
  void countFailure(PendingDelivery delivery) {
    if (attempts == 0 || probe == delivery) {
      attempts++;
    }
  }

  /** Puts an event that was handed over and failed back into its place. */
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

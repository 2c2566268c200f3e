package io.outboxrelay.dispatch;

import io.outboxrelay.metrics.DestinationCounts;
import io.outboxrelay.publish.OutboxEvent;
import org.jspecify.annotations.Nullable;

/** One event between its acceptance and its outcome. */
final class PendingDelivery {
  final OutboxEvent event;
  final PageSlice slice;

  /** The event's place in the order in which the dispatcher accepted events. */
  final long place;

  /**
   * The running number of the event's last hand-over to the publisher, counted over all events of
   * the dispatcher; 0 before the first hand-over.
   */
  long turn;

  /** True while the event is in flight. */
  boolean inFlight;

  /**
   * The reason for which the event must be rejected after the earlier events of its aggregate; null
   * if it need not be rejected.
   */
  @Nullable String rejection;

  /**
   * True if the event's destination is paused or has an open breaker. The event is then deferred
   * after the earlier events of its aggregate.
   */
  boolean deferred;

  /** The counters of the event's destination; null before the first hand-over. */
  private @Nullable DestinationCounts counts;

  private long leftNanos;
  private boolean hasFailed;
  private long firstFailure;

  PendingDelivery(OutboxEvent event, PageSlice slice, long place) {
    this.event = event;
    this.slice = slice;
    this.place = place;
    this.rejection = slice.defect(event);
  }

  /** Records that the event is handed to the publisher. */
  void leave(long newTurn, PartitionRecorder traffic) {
    turn = newTurn;
    leftNanos = System.nanoTime();
    counts = traffic.leaves(event, counts, leftNanos);
  }

  /**
   * Records that the event has failed at the time {@code now}.
   *
   * @return the time of the event's first failure
   */
  long failed(long now) {
    if (!hasFailed) {
      hasFailed = true;
      firstFailure = now;
    }
    return firstFailure;
  }

  /** Records that the broker has confirmed the event. */
  void confirmed(PartitionRecorder traffic) {
    if (counts != null) {
      traffic.confirmed(event, counts, leftNanos);
    }
  }
}

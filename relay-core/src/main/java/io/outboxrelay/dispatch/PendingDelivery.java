package io.outboxrelay.dispatch;

import io.outboxrelay.metrics.DestinationCounts;
import io.outboxrelay.publish.OutboxEvent;
import org.jspecify.annotations.Nullable;

/** One event between its acceptance and its outcome. */
final class PendingDelivery {
  final OutboxEvent event;
  final PageSlice slice;

  /** Its place in the order in which events were accepted. */
  final long place;

  /** The number of its last hand-over, counted over all events of the dispatcher; 0 for never. */
  long turn;

  /** True while the publisher has it. */
  boolean inFlight;

  /** The reason for which it is rejected in its turn; null if it is not rejected. */
  @Nullable String rejection;

  /**
   * True if its destination is paused or has an open breaker, so that the event is deferred in its
   * turn.
   */
  boolean deferred;

  /** The counters of its destination; null before the first hand-over. */
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

  /** Records that it is handed to the publisher. */
  void leave(long newTurn, PartitionRecorder traffic) {
    turn = newTurn;
    leftNanos = System.nanoTime();
    counts = traffic.leaves(event, counts, leftNanos);
  }

  /**
   * Records a failure at {@code now}.
   *
   * @return the time of its first failure
   */
  long failed(long now) {
    if (!hasFailed) {
      hasFailed = true;
      firstFailure = now;
    }
    return firstFailure;
  }

  /** Records that the broker has confirmed it. */
  void confirmed(PartitionRecorder traffic) {
    if (counts != null) {
      traffic.confirmed(event, counts, leftNanos);
    }
  }
}

package io.outboxrelay.dispatch;

import io.outboxrelay.metrics.DestinationCounts;
import io.outboxrelay.metrics.PartitionMetrics;
import io.outboxrelay.publish.OutboxEvent;
import org.jspecify.annotations.Nullable;

/** One event on its way to the broker. */
final class PendingDelivery {
  final OutboxEvent event;
  final PageSlice slice;

  /** Its place in the order in which the events came. */
  final long place;

  /** When it was last handed to the publisher, as a count of all such hand-overs; 0 for never. */
  long turn;

  /** Whether the publisher has it. */
  boolean inFlight;

  /** Why it is one for the dead letters once its turn has come; null as long as it is not. */
  @Nullable String rejection;

  /** Whether its destination is closed, so that it is set aside once its turn has come. */
  boolean deferred;

  /** What is counted of its destination; null as long as it was never handed over. */
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

  /** It is handed to the publisher. */
  void leave(long newTurn, PartitionMetrics traffic) {
    turn = newTurn;
    leftNanos = System.nanoTime();
    counts = traffic.leaves(event, counts, leftNanos);
  }

  /** The publisher has given it back at {@code now}; returns when it did so first. */
  long failed(long now) {
    if (!hasFailed) {
      hasFailed = true;
      firstFailure = now;
    }
    return firstFailure;
  }

  /** The publisher has confirmed it. */
  void confirmed(PartitionMetrics traffic) {
    if (counts != null) {
      traffic.confirmed(event, counts, leftNanos);
    }
  }
}

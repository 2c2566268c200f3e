package io.outboxrelay.dispatch;

import io.outboxrelay.health.PartitionHealth;
import io.outboxrelay.metrics.DestinationCounts;
import io.outboxrelay.metrics.PartitionMetrics;
import io.outboxrelay.publish.DeliveryReceipts;
import io.outboxrelay.publish.OutboxEvent;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Records what happens to the events of one partition, in its health and in its metrics.
 *
 * <p>Called on the partition's event loop only; takes no locks.
 */
public final class PartitionRecorder {
  private final OptionalInt shard;
  private final PartitionHealth health;
  private final PartitionMetrics metrics;

  private PartitionRecorder(OptionalInt shard, PartitionHealth health, PartitionMetrics metrics) {
    this.shard = shard;
    this.health = health;
    this.metrics = metrics;
  }

  /** Creates the recorder of a shard's partition. */
  public static PartitionRecorder of(int shard, PartitionHealth health, PartitionMetrics metrics) {
    return new PartitionRecorder(OptionalInt.of(shard), health, metrics);
  }

  /**
   * Creates a recorder for events that belong to no partition, such as replayed events. Its records
   * appear neither in the health nor in the metrics.
   */
  static PartitionRecorder apart() {
    return new PartitionRecorder(
        OptionalInt.empty(), new PartitionHealth(), PartitionMetrics.apart());
  }

  /** Returns the receiver of the places, such as offsets, at which the broker has stored events. */
  DeliveryReceipts receipts() {
    return metrics.receipts();
  }

  /** Returns the shard of the events; empty if they may be of any shard. */
  OptionalInt shard() {
    return shard;
  }

  PartitionHealth health() {
    return health;
  }

  /**
   * Records that an event is handed to the publisher.
   *
   * @param before the result of the previous call for this event; null at the first attempt
   * @param nanos the {@link System#nanoTime} of the hand-over
   * @return the counts of the event's destination
   */
  DestinationCounts leaves(OutboxEvent event, @Nullable DestinationCounts before, long nanos) {
    health.leaves(nanos);
    return metrics.leaves(event, before);
  }

  /**
   * Records that the publisher has confirmed an event.
   *
   * @param left the {@link System#nanoTime} at which the event was handed to the publisher
   */
  void confirmed(OutboxEvent confirmed, DestinationCounts counts, long left) {
    long nanos = System.nanoTime();
    metrics.confirmed(confirmed, counts, left, nanos);
    health.confirmed(confirmed, nanos);
  }

  /** Records that the broker will never accept an event. */
  void rejected(OutboxEvent event) {
    health.settled(event);
    metrics.rejected(event);
  }

  /** Records that an event is set aside until its destination is available again. */
  void deferred(OutboxEvent event) {
    health.settled(event);
    metrics.deferred(event);
  }

  /** Records that the broker does not let the relay write an event. */
  void accessDenied() {
    metrics.accessDenied();
  }

  /** Records how many aggregates wait for another attempt. */
  void retrying(int aggregates) {
    metrics.retrying(aggregates);
  }

  /** Resets the state of events in flight, because their outcomes do not matter any more. */
  void forgets() {
    health.forgets();
    metrics.retrying(0);
  }
}

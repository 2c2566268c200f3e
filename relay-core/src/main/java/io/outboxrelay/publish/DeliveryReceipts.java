package io.outboxrelay.publish;

import org.jspecify.annotations.Nullable;

/**
 * Receives from a publisher the place at which the broker has stored each event.
 *
 * <p>Called for every event on the hot path, on any thread, so an implementation must neither block
 * nor allocate memory in each call.
 */
public interface DeliveryReceipts {
  /** The offset of a message if the broker does not report one. */
  long NO_OFFSET = -1;

  /** The partition of a message if the broker has no partitions. */
  int NO_PARTITION = -1;

  /** Ignores all receipts. */
  DeliveryReceipts NONE = (event, destination, routingKey, partition, offset) -> {};

  /**
   * Records that the broker has confirmed {@code event}.
   *
   * @param destination a Kafka topic, or a RabbitMQ exchange
   * @param routingKey null if the broker has no routing keys
   * @param partition the partition of the topic; {@link #NO_PARTITION} if the broker has no
   *     partitions
   * @param offset the offset in the partition; {@link #NO_OFFSET} if the broker does not report it
   */
  void delivered(
      OutboxEvent event,
      String destination,
      @Nullable String routingKey,
      int partition,
      long offset);
}

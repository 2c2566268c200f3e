package io.outboxrelay.publish;

import org.jspecify.annotations.Nullable;

/**
 * Is told by a publisher where the broker has stored an event.
 *
 * <p>Called for every event on the hot path, on any thread: an implementation neither blocks nor
 * allocates for each call.
 */
public interface DeliveryReceipts {
  /** The position of a message if the broker does not tell one. */
  long NO_OFFSET = -1;

  /** The partition of a message if the broker has no partitions. */
  int NO_PARTITION = -1;

  /** Takes note of nothing. */
  DeliveryReceipts NONE = (event, destination, routingKey, partition, offset) -> {};

  /**
   * The broker has confirmed {@code event}.
   *
   * @param destination a Kafka topic, a RabbitMQ exchange
   * @param routingKey null if the broker has no routing keys
   * @param partition {@link #NO_PARTITION} if the broker has none
   * @param offset {@link #NO_OFFSET} if the broker does not tell it
   */
  void delivered(
      OutboxEvent event,
      String destination,
      @Nullable String routingKey,
      int partition,
      long offset);
}

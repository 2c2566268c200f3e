package io.outboxrelay.rabbitmq;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the message that made the broker close the channel, because the broker does not name it.
 *
 * <p>All events that were unconfirmed when the channel closed are suspects. They are published
 * again apart from other events, and at most half as many at a time. Each time that the broker
 * closes the channel again, the number is halved. If the channel closes with one event in flight,
 * the broker refuses that event.
 */
final class PoisonMessageBisector {
  /** No limit on the number of unconfirmed events. */
  static final int UNLIMITED = 0;

  private final Map<Long, Integer> rooms = new ConcurrentHashMap<>();

  void add(Collection<PendingPublish> inDoubt) {
    int room = Math.max(1, inDoubt.size() / 2);
    inDoubt.forEach(delivery -> rooms.put(delivery.event().seq(), room));
  }

  /** Removes a delivery from the suspects, because its outcome is known. */
  void clear(PendingPublish delivery) {
    if (!rooms.isEmpty()) {
      rooms.remove(delivery.event().seq());
    }
  }

  /**
   * Returns the highest number of unconfirmed events while this one is published. Events with
   * different limits are not published together.
   */
  int room(PendingPublish delivery) {
    return rooms.isEmpty() ? UNLIMITED : rooms.getOrDefault(delivery.event().seq(), UNLIMITED);
  }
}

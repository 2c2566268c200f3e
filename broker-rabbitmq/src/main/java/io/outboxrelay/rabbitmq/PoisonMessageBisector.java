package io.outboxrelay.rabbitmq;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Finds the message that made the broker close the channel, because the broker does not name it.
 *
 * <p>All events that were unconfirmed when the channel closed are suspects. They are published
 * again apart from other events, and at most half as many at a time. Each time the broker closes
 * the channel again, that number is halved. If the channel closes while only one event is
 * unconfirmed, that event is the one that the broker refuses.
 */
final class PoisonMessageBisector {
  /**
   * The result of {@link #room} for an event that is not a suspect: the number of unconfirmed
   * events is not limited.
   */
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
   * Returns how many events may be unconfirmed while this one is published; {@link #UNLIMITED}
   * means no limit. Events with different limits must not be unconfirmed at the same time.
   */
  int room(PendingPublish delivery) {
    return rooms.isEmpty() ? UNLIMITED : rooms.getOrDefault(delivery.event().seq(), UNLIMITED);
  }
}

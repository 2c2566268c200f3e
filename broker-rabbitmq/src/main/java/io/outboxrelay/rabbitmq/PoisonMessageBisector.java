package io.outboxrelay.rabbitmq;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The events that were in doubt when the broker closed the channel on one of them, without saying
 * which.
 *
 * <p>They are published again apart from others, half as many at a time, and so on each time that
 * the channel is closed again, until the one is left that the broker refuses.
 */
final class PoisonMessageBisector {
  /** As many as there are. */
  static final int UNLIMITED = 0;

  private final Map<Long, Integer> rooms = new ConcurrentHashMap<>();

  void add(Collection<PendingPublish> inDoubt) {
    int room = Math.max(1, inDoubt.size() / 2);
    inDoubt.forEach(delivery -> rooms.put(delivery.event().seq(), room));
  }

  /** Clears a delivery of the suspicion: its outcome is known. */
  void clear(PendingPublish delivery) {
    if (!rooms.isEmpty()) {
      rooms.remove(delivery.event().seq());
    }
  }

  /** How many may be in doubt together with this one, all with the same limit. */
  int room(PendingPublish delivery) {
    return rooms.isEmpty() ? UNLIMITED : rooms.getOrDefault(delivery.event().seq(), UNLIMITED);
  }
}

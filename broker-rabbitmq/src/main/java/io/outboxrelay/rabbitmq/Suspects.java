package io.outboxrelay.rabbitmq;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The events that were in doubt when the broker closed the channel on one of them, without saying
 * which.
 *
 * <p>Each is published alone from then on: when the channel is closed again, it is known on whom,
 * and the others do not suffer from it a second time.
 */
final class Suspects {
  private final Set<Long> sequences = ConcurrentHashMap.newKeySet();

  void add(Collection<Delivery> inDoubt) {
    inDoubt.forEach(delivery -> sequences.add(delivery.event().seq()));
  }

  /** Clears a delivery of the suspicion: its outcome is known. */
  void clear(Delivery delivery) {
    if (!sequences.isEmpty()) {
      sequences.remove(delivery.event().seq());
    }
  }

  boolean contains(Delivery delivery) {
    return !sequences.isEmpty() && sequences.contains(delivery.event().seq());
  }
}

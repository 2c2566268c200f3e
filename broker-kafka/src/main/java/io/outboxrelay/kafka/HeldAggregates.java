package io.outboxrelay.kafka;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import java.util.HashMap;
import java.util.Map;

/**
 * The aggregates with an event that was not accepted, and whose caller does not know it yet.
 *
 * <p>What the caller publishes until then was meant to follow that event, so it fails too.
 */
final class HeldAggregates {
  private final Map<String, PendingPublish> held = new HashMap<>();

  /** Holds back what follows {@code failed}, until {@link #release} of the last one held. */
  void hold(PendingPublish failed) {
    held.put(failed.event().aggregateId(), failed);
  }

  /** To be called behind everything that was published before the failure was reported. */
  void release(PendingPublish failed) {
    held.remove(failed.event().aggregateId(), failed);
  }

  /**
   * @throws PublishException.Retryable where the event's aggregate is held
   */
  void check(OutboxEvent event) {
    if (held.isEmpty()) {
      return;
    }
    var earlier = held.get(event.aggregateId());
    if (earlier != null) {
      throw new PublishException.Retryable(
          "is held behind " + earlier.event() + ", which failed", null);
    }
  }
}

package io.outboxrelay.kafka;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import java.util.HashMap;
import java.util.Map;

/**
 * The aggregates of events that the producer did not accept, until the failure is reported to the
 * relay.
 *
 * <p>Until then the relay may publish later events of such an aggregate. They must not overtake the
 * failed event, so they fail too.
 */
final class HeldAggregates {
  private final Map<String, PendingPublish> held = new HashMap<>();

  /**
   * Makes later events of the aggregate fail until {@link #release} is called with the last held
   * event.
   */
  void hold(PendingPublish failed) {
    held.put(failed.event().aggregateId(), failed);
  }

  /** Ends the hold. Call it after everything that was published before the failure was reported. */
  void release(PendingPublish failed) {
    held.remove(failed.event().aggregateId(), failed);
  }

  /**
   * @throws PublishException.Retryable if the event's aggregate is held
   */
  void check(OutboxEvent event) {
    if (held.isEmpty()) {
      return;
    }
    var earlier = held.get(event.aggregateId());
    if (earlier != null) {
      throw new PublishException.Retryable(
          "was published behind " + earlier.event() + ", which failed", null);
    }
  }
}

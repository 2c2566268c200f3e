package io.outboxrelay.kafka;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import java.util.HashMap;
import java.util.Map;

/**
 * The aggregates with an event that the producer did not accept, as long as this failure is not
 * reported to the relay.
 *
 * <p>Until the failure is reported, the relay may publish later events of such an aggregate. They
 * must not overtake the failed event, so they fail too.
 */
final class HeldAggregates {
  private final Map<String, PendingPublish> held = new HashMap<>();

  /**
   * Makes later events of the failed event's aggregate fail. This ends when {@link #release} is
   * called with the event that was held last.
   */
  void hold(PendingPublish failed) {
    held.put(failed.event().aggregateId(), failed);
  }

  /**
   * Ends the hold of the aggregate if {@code failed} is the event that was held last. Call it after
   * the failures of all events that were published before the failure was reported.
   */
  void release(PendingPublish failed) {
    held.remove(failed.event().aggregateId(), failed);
  }

  /**
   * Fails if the event's aggregate is held.
   *
   * @throws PublishException.Retryable if it is
   */
  void check(OutboxEvent event) {
    if (held.isEmpty()) {
      return;
    }
    var earlier = held.get(event.aggregateId());
    if (earlier != null) {
      throw new PublishException.Retryable(
          "was not sent, because " + earlier.event() + " before it failed", null);
    }
  }
}

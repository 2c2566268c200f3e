package io.outboxrelay.page;

import io.outboxrelay.publish.OutboxEvent;
import java.util.List;
import java.util.Map;

/**
 * A bounded read of the outbox, in the order in which the events of an aggregate must be published.
 *
 * @param events in order
 * @param defects the reason, as a sentence, for each event that cannot become a message, by
 *     sequence number; nearly always empty
 * @param bytes approximate size of the events in memory
 * @param position the position to confirm once all events are confirmed
 */
public record EventPage<P>(
    List<OutboxEvent> events, Map<Long, String> defects, long bytes, P position) {
  /** Returns true if the page holds no event; it may still carry a new position. */
  public boolean isEmpty() {
    return events.isEmpty();
  }
}

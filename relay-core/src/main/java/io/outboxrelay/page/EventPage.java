package io.outboxrelay.page;

import io.outboxrelay.publish.OutboxEvent;
import java.util.List;
import java.util.Map;

/**
 * The events of one bounded read of the outbox. The order of an aggregate's events in the page is
 * the order in which they must be published.
 *
 * @param events the events, in the order of reading
 * @param defects for each event that cannot become a message, the reason as a sentence, by sequence
 *     number; the map is nearly always empty
 * @param bytes the approximate size of the events in memory
 * @param position the position to confirm once all events are confirmed
 */
public record EventPage<P>(
    List<OutboxEvent> events, Map<Long, String> defects, long bytes, P position) {
  /** Returns true if the page holds no event; it may still carry a new position. */
  public boolean isEmpty() {
    return events.isEmpty();
  }
}

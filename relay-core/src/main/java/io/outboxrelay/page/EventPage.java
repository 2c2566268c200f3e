package io.outboxrelay.page;

import io.outboxrelay.publish.OutboxEvent;
import java.util.List;
import java.util.Map;

/**
 * A bounded read of the outbox, in the order in which an aggregate's events must be published.
 *
 * @param events in order
 * @param defects events that cannot become a message, by sequence number, with the reason as a
 *     sentence; nearly always empty
 * @param bytes what the events hold in memory, roughly
 * @param position what the source may note once all events are confirmed
 */
public record EventPage<P>(
    List<OutboxEvent> events, Map<Long, String> defects, long bytes, P position) {
  /** Whether there was nothing to read. */
  public boolean isEmpty() {
    return events.isEmpty();
  }
}

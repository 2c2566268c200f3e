package io.outboxrelay.source;

import io.outboxrelay.publish.OutboxEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Plays a broker and its consumers, which check that the versions of each aggregate come as 1, 2, 3
 * …
 *
 * <p>If the reader crashes, it goes back to the state in which the checkpoint was stored, so an
 * event that is lost, repeated or overtaken relative to the stored checkpoint is an error.
 */
final class DeliveryRecord {
  private final Map<String, Integer> last = new HashMap<>();
  private final Map<String, Integer> stored = new HashMap<>();
  private final List<String> errors = new ArrayList<>();
  private long delivered;

  synchronized void deliver(List<OutboxEvent> events, String source) {
    for (var event : events) {
      int version = Integer.parseInt(event.eventType());
      int before = last.getOrDefault(event.aggregateId(), 0);
      if (version != before + 1 && errors.size() < 20) {
        errors.add(
            "%s: version %d from the %s after %d (seq %d)"
                .formatted(event.aggregateId(), version, source, before, event.seq()));
      }
      last.put(event.aggregateId(), Math.max(version, before));
      delivered++;
    }
  }

  /** Returns what is delivered now, to be given to {@link #stored}. */
  synchronized Map<String, Integer> state() {
    return new HashMap<>(last);
  }

  synchronized void stored(Map<String, Integer> state) {
    stored.clear();
    stored.putAll(state);
  }

  synchronized void crashed() {
    last.clear();
    last.putAll(stored);
  }

  synchronized List<String> errors() {
    return List.copyOf(errors);
  }

  synchronized long delivered() {
    return delivered;
  }
}

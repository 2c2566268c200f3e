package io.outboxrelay.breaker;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The time of the latest confirm, for each of the {@value #MOST} destinations for which events were
 * confirmed last. Not thread-safe; guarded by {@link DestinationBreakers}.
 */
final class RecentConfirms {
  private static final int MOST = 100;

  private final Map<String, Long> confirmed = new LinkedHashMap<>();

  void add(String destination, long now) {
    confirmed.remove(destination);
    confirmed.put(destination, now);
    if (confirmed.size() > MOST) {
      confirmed.remove(confirmed.keySet().iterator().next());
    }
  }

  void remove(String destination) {
    confirmed.remove(destination);
  }

  /** Returns true if an event for any of these destinations was confirmed after {@code since}. */
  boolean areAnyAfter(long since) {
    return confirmed.values().stream().anyMatch(when -> when - since > 0);
  }
}

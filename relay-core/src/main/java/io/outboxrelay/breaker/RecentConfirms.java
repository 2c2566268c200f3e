package io.outboxrelay.breaker;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The times at which events of the last {@value #MOST} destinations were confirmed. Guarded by
 * {@link DestinationBreakers}.
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

  /** Returns true if any destination confirmed an event after {@code since}. */
  boolean areAnyAfter(long since) {
    return confirmed.values().stream().anyMatch(when -> when - since > 0);
  }
}

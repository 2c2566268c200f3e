package io.outboxrelay.connect;

import io.outboxrelay.testkit.AggregateArrivals;
import io.outboxrelay.testkit.AggregateArrivals.Arrival;
import io.outboxrelay.testkit.ReceivedMessage;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/** Counts the messages that a consumer has received, by their order. For several threads. */
final class Arrivals {
  private final Map<String, AggregateArrivals> aggregates = new HashMap<>();
  private final Map<Arrival, Integer> counts = new EnumMap<>(Arrival.class);
  private int total;

  synchronized void accept(ReceivedMessage message) {
    var arrival =
        aggregates
            .computeIfAbsent(String.valueOf(message.key()), id -> new AggregateArrivals())
            .arrived(
                Integer.parseInt(String.valueOf(message.text())),
                UUID.fromString(String.valueOf(message.headers().get("event-id"))));
    counts.merge(arrival, 1, Integer::sum);
    total++;
  }

  synchronized int total() {
    return total;
  }

  synchronized int count(Arrival arrival) {
    return counts.getOrDefault(arrival, 0);
  }

  /** Returns the number of versions that have not arrived. */
  synchronized int missing(Map<String, Integer> committed) {
    return committed.entrySet().stream()
        .mapToInt(
            entry ->
                aggregates.containsKey(entry.getKey())
                    ? aggregates.get(entry.getKey()).missingUpTo(entry.getValue())
                    : entry.getValue())
        .sum();
  }

  @Override
  public synchronized String toString() {
    return counts.toString();
  }
}

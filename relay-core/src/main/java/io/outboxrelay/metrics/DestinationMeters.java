package io.outboxrelay.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;

/**
 * Sums up what partitions count, by destination.
 *
 * <p>A template can name a destination for each aggregate, and each is a time series for whoever
 * scrapes: beyond {@link #MOST} they share the name {@value #OTHER}. First come, first served.
 */
final class DestinationMeters {
  static final int MOST = 100;
  static final String OTHER = "other";

  private final MeterRegistry registry;
  private final Map<String, List<DestinationCounts>> destinations = new HashMap<>();
  private final List<DestinationCounts> all = new CopyOnWriteArrayList<>();

  DestinationMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  /** Counts of {@code destination} for one more partition. */
  synchronized DestinationCounts add(String destination) {
    boolean isKnown = destinations.containsKey(destination) || destinations.size() < MOST;
    String name = isKnown ? destination : OTHER;
    var counts = new DestinationCounts();
    destinations.computeIfAbsent(name, this::register).add(counts);
    all.add(counts);
    return counts;
  }

  /** Over all destinations. */
  long total(ToLongFunction<DestinationCounts> count) {
    return sum(all, count);
  }

  synchronized Map<String, DestinationCounts.Total> totals() {
    var totals = new TreeMap<String, DestinationCounts.Total>();
    destinations.forEach((name, counts) -> totals.put(name, DestinationCounts.Total.of(counts)));
    return totals;
  }

  private List<DestinationCounts> register(String destination) {
    var counts = new CopyOnWriteArrayList<DestinationCounts>();
    register(
        "published",
        "Events handed to the publisher, each time they were",
        destination,
        counts,
        count -> count.published.value());
    register(
        "retried",
        "Events handed to the publisher again, after it had failed to publish them",
        destination,
        counts,
        count -> count.retried.value());
    register(
        "confirmed",
        "Events that the broker has confirmed",
        destination,
        counts,
        count -> count.confirmed.value());
    register(
        "rejected",
        "Events that the broker will never accept",
        destination,
        counts,
        count -> count.rejected.value());
    register(
        "deferred",
        "Events set aside until their destination takes something again",
        destination,
        counts,
        count -> count.deferred.value());
    return counts;
  }

  private void register(
      String what,
      String description,
      String destination,
      List<DestinationCounts> counts,
      ToLongFunction<DestinationCounts> count) {
    FunctionCounter.builder("outbox.events." + what, counts, all -> sum(all, count))
        .description(description)
        .tag("destination", destination)
        .register(registry);
  }

  private static long sum(List<DestinationCounts> counts, ToLongFunction<DestinationCounts> count) {
    return counts.stream().mapToLong(count).sum();
  }
}

package io.outboxrelay.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;

/**
 * Sums up the counts of all partitions for each destination.
 *
 * <p>A template can name a destination for each aggregate, and each destination is a time series in
 * Prometheus. To limit the number of time series, the first {@link #MOST} destinations have names
 * of their own, and all others share the name {@value #OTHER}.
 */
final class DestinationMetrics {
  static final int MOST = 100;
  static final String OTHER = "other";

  private final MeterRegistry registry;
  private final Map<String, List<DestinationCounts>> destinations = new ConcurrentHashMap<>();
  private final Set<String> named = ConcurrentHashMap.newKeySet();
  private final List<DestinationCounts> all = new CopyOnWriteArrayList<>();

  DestinationMetrics(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Returns true if {@code destination} has a name of its own. If it has none and fewer than {@link
   * #MOST} destinations have one, gives it one. Once all names are taken, a call costs one look-up
   * without a lock.
   */
  boolean admits(String destination) {
    return named.contains(destination) || (named.size() < MOST && name(destination));
  }

  /**
   * Gives {@code destination} a name of its own if one is left; returns true if the destination has
   * one. Tests both conditions again under the lock, because another partition may have changed
   * them since {@link #admits}.
   */
  private synchronized boolean name(String destination) {
    return named.contains(destination) || (named.size() < MOST && named.add(destination));
  }

  /**
   * Creates and returns the counts of one more partition for a destination.
   *
   * @param name a destination that was admitted, or {@link #OTHER}
   */
  synchronized DestinationCounts add(String name) {
    var counts = new DestinationCounts();
    destinations.computeIfAbsent(name, this::register).add(counts);
    all.add(counts);
    return counts;
  }

  /** Returns the sum of one count over all destinations. */
  long total(ToLongFunction<DestinationCounts> count) {
    return sum(all, count);
  }

  /** Returns the totals by name, including the shared name. */
  Map<String, DestinationCounts.Total> totals() {
    var totals = new TreeMap<String, DestinationCounts.Total>();
    destinations.forEach((name, counts) -> totals.put(name, DestinationCounts.Total.of(counts)));
    return totals;
  }

  private List<DestinationCounts> register(String destination) {
    var counts = new CopyOnWriteArrayList<DestinationCounts>();
    register(
        "published",
        "Events that the broker has confirmed: the number of outbox.events.confirmed",
        destination,
        counts,
        count -> count.confirmed.value());
    register(
        "attempted",
        "Times that an event was handed to the publisher, whatever the outcome",
        destination,
        counts,
        count -> count.attempted.value());
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
        "Events set aside until their destination accepts events again",
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

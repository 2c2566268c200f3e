package io.outboxrelay.metrics;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The counts of one partition, by destination. All destinations beyond {@link
 * DestinationMeters#MOST} share one object, so that an event for one of them creates nothing.
 *
 * <p>Used on the partition's event loop only.
 */
final class PartitionDestinations {
  private final DestinationMeters meters;
  private final Map<String, DestinationCounts> byName = new HashMap<>();
  private @Nullable DestinationCounts others;

  PartitionDestinations(DestinationMeters meters) {
    this.meters = meters;
  }

  /** The counts of {@code destination}, or those of all the rest. */
  DestinationCounts of(String destination) {
    var known = byName.get(destination);
    if (known != null) {
      return known;
    }
    return meters.admits(destination) ? admitted(destination) : others();
  }

  private DestinationCounts admitted(String destination) {
    var counts = meters.add(destination);
    byName.put(destination, counts);
    return counts;
  }

  private DestinationCounts others() {
    var shared = others;
    if (shared == null) {
      shared = meters.add(DestinationMeters.OTHER);
      others = shared;
    }
    return shared;
  }
}

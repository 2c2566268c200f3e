package io.outboxrelay.metrics;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The counts of one partition by destination. The destinations without a name of their own share
 * one object, so that an event for one of them allocates nothing.
 *
 * <p>Use it on the partition's event loop only.
 */
final class PartitionDestinations {
  private final DestinationMetrics metrics;
  private final Map<String, DestinationCounts> byName = new HashMap<>();
  private @Nullable DestinationCounts others;

  PartitionDestinations(DestinationMetrics metrics) {
    this.metrics = metrics;
  }

  /**
   * Returns the counts of {@code destination}, or the shared counts if it has no name of its own.
   */
  DestinationCounts of(String destination) {
    var known = byName.get(destination);
    if (known != null) {
      return known;
    }
    return metrics.admits(destination) ? admitted(destination) : others();
  }

  private DestinationCounts admitted(String destination) {
    var counts = metrics.add(destination);
    byName.put(destination, counts);
    return counts;
  }

  private DestinationCounts others() {
    var shared = others;
    if (shared == null) {
      shared = metrics.add(DestinationMetrics.OTHER);
      others = shared;
    }
    return shared;
  }
}

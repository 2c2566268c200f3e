package io.outboxrelay.metrics;

import java.util.List;

/** What one partition counts of one destination's events. */
public final class DestinationCounts {
  final Count attempted = new Count();
  final Count retried = new Count();
  final Count confirmed = new Count();
  final Count rejected = new Count();
  final Count deferred = new Count();

  DestinationCounts() {}

  /** What all partitions have counted. */
  public record Total(long confirmed, long rejected) {
    static Total of(List<DestinationCounts> all) {
      return new Total(
          all.stream().mapToLong(counts -> counts.confirmed.value()).sum(),
          all.stream().mapToLong(counts -> counts.rejected.value()).sum());
    }
  }
}

package io.outboxrelay.metrics;

import java.util.List;

/**
 * How often one partition has attempted, retried, confirmed, rejected or deferred events for one
 * destination.
 */
public final class DestinationCounts {
  final SingleWriterCounter attempted = new SingleWriterCounter();
  final SingleWriterCounter retried = new SingleWriterCounter();
  final SingleWriterCounter confirmed = new SingleWriterCounter();
  final SingleWriterCounter rejected = new SingleWriterCounter();
  final SingleWriterCounter deferred = new SingleWriterCounter();

  DestinationCounts() {}

  /** The sums over all partitions for one destination. */
  public record Total(long confirmed, long rejected) {
    static Total of(List<DestinationCounts> all) {
      return new Total(
          all.stream().mapToLong(counts -> counts.confirmed.value()).sum(),
          all.stream().mapToLong(counts -> counts.rejected.value()).sum());
    }
  }
}

package io.outboxrelay.metrics;

import java.util.List;

/** What one partition counts of one destination's events. */
public final class DestinationCounts {
  final SingleWriterCounter attempted = new SingleWriterCounter();
  final SingleWriterCounter retried = new SingleWriterCounter();
  final SingleWriterCounter confirmed = new SingleWriterCounter();
  final SingleWriterCounter rejected = new SingleWriterCounter();
  final SingleWriterCounter deferred = new SingleWriterCounter();

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

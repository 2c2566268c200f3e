package io.outboxrelay.metrics;

/** What one partition counts of one destination's events. */
public final class DestinationCounts {
  final Count published = new Count();
  final Count retried = new Count();
  final Count confirmed = new Count();
  final Count rejected = new Count();
  final Count deferred = new Count();

  DestinationCounts() {}
}

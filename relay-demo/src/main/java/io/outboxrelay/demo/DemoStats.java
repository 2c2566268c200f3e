package io.outboxrelay.demo;

import java.time.Duration;
import java.util.Locale;

/**
 * The figures of {@link DeliveryVerifier} at one moment.
 *
 * @param quiet the time since the last message arrived
 * @param latency of the events that arrived, as text
 */
record DemoStats(
    Duration elapsed, Duration quiet, WriteCounts writes, ArrivalCounts arrivals, String latency) {

  long waiting() {
    return Math.max(0, writes.events() - arrivals.delivered());
  }

  /** Returns true if each committed event arrived once and in order, and nothing else arrived. */
  boolean prove() {
    return writes.events() > 0 && arrivals.areExactly(writes.events());
  }

  /** Returns the figures as one line; a narrow terminal cuts its end. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%3ds  committed %,d  delivered %,d  waiting %,d  lost %,d  out of order %,d  repeated %,d  %s",
        elapsed.toSeconds(),
        writes.events(),
        arrivals.delivered(),
        waiting(),
        arrivals.lost(),
        arrivals.outOfOrder(),
        arrivals.repeated(),
        latency);
  }

  /** Returns the result as a sentence. */
  String sentence(int connections) {
    return String.format(
        Locale.ROOT,
        "%,d events committed in %,d transactions from %d connections (%,d more were rolled back);"
            + " %,d delivered, %,d lost, %,d out of order, %,d repeated; %s",
        writes.events(),
        writes.transactions(),
        connections,
        writes.rolledBack(),
        arrivals.delivered(),
        arrivals.lost(),
        arrivals.outOfOrder(),
        arrivals.repeated(),
        latency);
  }
}

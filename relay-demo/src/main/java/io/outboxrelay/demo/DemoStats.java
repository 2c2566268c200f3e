package io.outboxrelay.demo;

import java.time.Duration;
import java.util.Locale;

/**
 * The figures of {@link DeliveryVerifier} at one moment.
 *
 * @param quiet the time since the last message arrived
 * @param committed the number of events, not of transactions
 * @param delivered the number of events that arrived, each counted once
 * @param latency of the events that arrived, as text
 */
record DemoStats(
    Duration elapsed,
    Duration quiet,
    long transactions,
    long rolledBack,
    long committed,
    long delivered,
    long lost,
    long outOfOrder,
    long repeated,
    String latency) {

  long waiting() {
    return Math.max(0, committed - delivered);
  }

  /** Returns true if each committed event arrived once and in order, and nothing else arrived. */
  boolean prove() {
    return committed > 0 && delivered == committed && lost == 0 && outOfOrder == 0 && repeated == 0;
  }

  /** Returns the figures as one line; a narrow terminal cuts its end. */
  String line() {
    return String.format(
        Locale.ROOT,
        "%3ds  committed %,d  delivered %,d  waiting %,d  lost %,d  out of order %,d  repeated %,d  %s",
        elapsed.toSeconds(),
        committed,
        delivered,
        waiting(),
        lost,
        outOfOrder,
        repeated,
        latency);
  }

  /** Returns the result as a sentence. */
  String sentence(int connections) {
    return String.format(
        Locale.ROOT,
        "%,d events committed in %,d transactions from %d connections (%,d more were rolled back);"
            + " %,d delivered, %,d lost, %,d out of order, %,d repeated; %s",
        committed,
        transactions,
        connections,
        rolledBack,
        delivered,
        lost,
        outOfOrder,
        repeated,
        latency);
  }
}

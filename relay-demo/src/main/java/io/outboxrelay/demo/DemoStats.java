package io.outboxrelay.demo;

import java.time.Duration;
import java.util.Locale;

/**
 * The ledger at one moment.
 *
 * @param quiet how long no message has arrived
 * @param committed events, not transactions
 * @param delivered events that arrived, each counted once
 * @param latency of those that arrived, in words
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

  /** Whether each committed event, and nothing else, arrived once and in order. */
  boolean prove() {
    return committed > 0 && delivered == committed && lost == 0 && outOfOrder == 0 && repeated == 0;
  }

  /** One line; a narrow terminal cuts it at its end. */
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

  /** What was proved, or was not. */
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

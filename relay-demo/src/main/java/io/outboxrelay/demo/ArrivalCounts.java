package io.outboxrelay.demo;

/**
 * The events that arrived, and the ways in which a delivery can be wrong.
 *
 * @param delivered the number of events that arrived, each counted once
 */
record ArrivalCounts(long delivered, long lost, long outOfOrder, long repeated) {
  /** Returns true if exactly the given number of events arrived, each once and in order. */
  boolean areExactly(long events) {
    return delivered == events && lost == 0 && outOfOrder == 0 && repeated == 0;
  }
}

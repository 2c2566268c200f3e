package io.outboxrelay.admin;

/** The events of one interval that were handed to the broker, and their outcomes. */
record EventCounts(long attempted, long confirmed, long rejected) {

  EventCounts plus(EventCounts other) {
    return new EventCounts(
        attempted + other.attempted, confirmed + other.confirmed, rejected + other.rejected);
  }

  /** Returns the counts per second of an interval. */
  EventRates per(double seconds) {
    return new EventRates(attempted / seconds, confirmed / seconds, rejected / seconds);
  }
}

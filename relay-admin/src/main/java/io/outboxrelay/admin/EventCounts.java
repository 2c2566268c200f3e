package io.outboxrelay.admin;

/** The numbers of events that were handed to the broker, confirmed and rejected in one interval. */
record EventCounts(long attempted, long confirmed, long rejected) {

  EventCounts plus(EventCounts other) {
    return new EventCounts(
        attempted + other.attempted, confirmed + other.confirmed, rejected + other.rejected);
  }

  /**
   * Returns the counts divided by the length of the interval.
   *
   * @param seconds the length of the interval
   */
  EventRates per(double seconds) {
    return new EventRates(attempted / seconds, confirmed / seconds, rejected / seconds);
  }
}

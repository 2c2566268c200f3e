package io.outboxrelay.doorbell;

/**
 * Estimates by how much the database answers later than it could. This delay is the time for which
 * the database, or this process, waits for a processor.
 *
 * <p>The estimate is the average answer time minus the shortest recent answer time. TCP Vegas
 * estimates the length of a queue from the rise above the shortest round trip in a similar way
 * (Brakmo, O'Malley and Peterson, "TCP Vegas: New Techniques for Congestion Detection and
 * Avoidance", 1994). A distant but idle database has no delay, because its shortest answer time is
 * long as well.
 *
 * <p>Not thread-safe: use it from one thread only.
 */
final class AnswerDelay {
  /** A delay below this is taken for ordinary variation of the network and ignored. */
  private static final long SLACK_NANOS = 500_000;

  /**
   * The weight of the newest answer in the average. An answer that is twenty answers older has
   * about a tenth of this weight.
   */
  private static final double NEWEST = 0.1;

  /**
   * The shortest answer time grows by this factor with each answer, so an old minimum is not kept
   * for ever.
   */
  private static final double FORGOTTEN = 1.0005;

  private double quickest;
  private double average;

  /**
   * Records how long the database took to answer one look. Every look must be the same kind of
   * query.
   */
  void answeredAfter(long nanos) {
    if (quickest == 0) {
      quickest = nanos;
      average = nanos;
    } else {
      quickest = Math.min(quickest * FORGOTTEN, (double) nanos);
      average += NEWEST * (nanos - average);
    }
  }

  /** Returns the delay in nanoseconds; 0 before the first answer. */
  long nanos() {
    return (long) Math.max(0, average - quickest - SLACK_NANOS);
  }
}

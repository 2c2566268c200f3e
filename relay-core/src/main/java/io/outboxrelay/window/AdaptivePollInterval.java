package io.outboxrelay.window;

import java.time.Duration;

/**
 * Computes how long the reader waits from the start of one look at the outbox to the start of the
 * next. A slower database is asked less often, so each look finds more events.
 *
 * <p>The database's answer time minus the shortest recent answer time is the time in which the
 * database served other work, such as writers. The wait is a multiple of the average of that
 * excess. TCP Vegas estimates the length of a queue from the rise above the shortest round trip in
 * a similar way (Brakmo, O'Malley and Peterson, "TCP Vegas: New Techniques for Congestion Detection
 * and Avoidance", 1994). A distant but idle database causes no extra wait, because its shortest
 * answer time is long as well.
 *
 * <p>Not thread-safe: use it from one thread only.
 */
final class AdaptivePollInterval {
  /**
   * The wait added for each unit of excess. Measured with eight writers at full load on two cores,
   * see docs/performance.md.
   */
  private static final double TIMES = 16;

  /** An excess below this is taken for ordinary variation of the network and ignored. */
  private static final long SLACK_NANOS = 500_000;

  /**
   * The weight of the newest answer in the average. An answer that is twenty answers old weighs
   * about a tenth of it.
   */
  private static final double NEWEST = 0.1;

  /**
   * The shortest answer time grows by this factor with each answer, so an old minimum is not kept
   * for ever.
   */
  private static final double FORGOTTEN = 1.0005;

  private final long leastNanos;
  private final long limitNanos;
  private double quickest;
  private double average;

  /**
   * @param least the wait if the database is otherwise idle
   * @param limit the longest wait
   */
  AdaptivePollInterval(Duration least, Duration limit) {
    leastNanos = least.toNanos();
    limitNanos = limit.toNanos();
  }

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

  /** Returns the nanoseconds from the start of one look to the start of the next. */
  long nanos() {
    double excess = Math.max(0, average - quickest - SLACK_NANOS);
    return Math.min(limitNanos, leastNanos + (long) (TIMES * excess));
  }
}

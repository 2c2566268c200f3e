package io.outboxrelay.window;

import java.time.Duration;

/**
 * How long to wait from one look at the outbox to the next, so that each gathers more where the
 * database has little to spare.
 *
 * <p>What its answer takes longer than the quickest of late did is time in which others were
 * served: writers, or whoever shares the processors. The wait is that excess, averaged, some times
 * over, as a sender in TCP Vegas takes the rise above its shortest round trip for the length of the
 * queue (Brakmo, O'Malley and Peterson, "TCP Vegas: New Techniques for Congestion Detection and
 * Avoidance", 1994). A database that is far away, but idle, is not left waiting: its quickest
 * answer is as slow as the others.
 *
 * <p>For one thread.
 */
final class AdaptivePollInterval {
  /** Measured with eight writers flat out on two cores, see docs/performance.md. */
  private static final double TIMES = 16;

  /** A network's own unrest. */
  private static final long SLACK_NANOS = 500_000;

  /** Weight of the newest answer in the average: twenty answers back one hardly matters. */
  private static final double NEWEST = 0.1;

  /** By which the quickest grows each time: what was quick once may be so no more. */
  private static final double FORGOTTEN = 1.0005;

  private final long leastNanos;
  private final long limitNanos;
  private double quickest;
  private double average;

  /**
   * @param least the wait where nobody else wants the database
   * @param limit the longest there is
   */
  AdaptivePollInterval(Duration least, Duration limit) {
    leastNanos = least.toNanos();
    limitNanos = limit.toNanos();
  }

  /** To be told how long the database took to answer what is always the same question. */
  void answeredAfter(long nanos) {
    if (quickest == 0) {
      quickest = nanos;
      average = nanos;
    } else {
      quickest = Math.min(quickest * FORGOTTEN, (double) nanos);
      average += NEWEST * (nanos - average);
    }
  }

  /** From the beginning of a look to that of the next. */
  long nanos() {
    double excess = Math.max(0, average - quickest - SLACK_NANOS);
    return Math.min(limitNanos, leastNanos + (long) (TIMES * excess));
  }
}

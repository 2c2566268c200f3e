package io.outboxrelay.replay;

import java.util.function.LongSupplier;

/**
 * Keeps a replay at its rate: the events are published in small portions. The rate determines how
 * long a portion takes, and the next portion begins only after this time.
 *
 * <p>If the broker is slow, the lost time is not made up for, because otherwise a burst would
 * follow every outage.
 */
final class RateLimiter {
  /** Portions per second; small portions keep the rate even. */
  private static final int A_SECOND = 10;

  /** The highest number of events in a portion, all of which may be in flight at the same time. */
  private static final int MOST = 500;

  private final int rate;
  private final LongSupplier nanoTime;
  private long began;

  RateLimiter(int ratePerSecond, LongSupplier nanoTime) {
    this.rate = ratePerSecond;
    this.nanoTime = nanoTime;
  }

  /** Begins a portion now and returns how many events it may have. */
  int begin() {
    began = nanoTime.getAsLong();
    return Math.min(MOST, Math.max(1, rate / A_SECOND));
  }

  /**
   * Returns the milliseconds to wait before the next portion.
   *
   * @param sent how many events the last portion had
   * @param reading the nanoseconds that the database took to find the events; the pause is at least
   *     as long, so that the database can serve other work
   */
  long pauseMillis(int sent, long reading) {
    long share = sent * 1_000_000_000L / rate;
    long left = began + share - nanoTime.getAsLong();
    return Math.max(1, (Math.max(left, reading) + 999_999) / 1_000_000);
  }

  /** Returns the nanoseconds since {@link #begin}. */
  long nanosSinceBegin() {
    return nanoTime.getAsLong() - began;
  }
}

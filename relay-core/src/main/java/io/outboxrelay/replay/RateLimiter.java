package io.outboxrelay.replay;

import java.util.function.LongSupplier;

/**
 * Keeps a replay at its rate: small portions, each with its share of the time.
 *
 * <p>Time lost to a slow broker is not made up for, or an outage would end in a rush.
 */
final class RateLimiter {
  /** Portions a second, so that a rate is even. */
  private static final int A_SECOND = 10;

  /** How many events are in flight, at most. */
  private static final int MOST = 500;

  private final int rate;
  private final LongSupplier nanoTime;
  private long began;

  RateLimiter(int ratePerSecond, LongSupplier nanoTime) {
    this.rate = ratePerSecond;
    this.nanoTime = nanoTime;
  }

  /** How many events to send next, at most; their time begins now. */
  int begin() {
    began = nanoTime.getAsLong();
    return Math.min(MOST, Math.max(1, rate / A_SECOND));
  }

  /**
   * How long to wait before the next portion.
   *
   * @param sent how many events the last one had
   * @param reading how long it took to find them: as long again, the database has a rest
   */
  long pauseMillis(int sent, long reading) {
    long share = sent * 1_000_000_000L / rate;
    long left = began + share - nanoTime.getAsLong();
    return Math.max(1, (Math.max(left, reading) + 999_999) / 1_000_000);
  }

  /** Since {@link #begin}. */
  long nanosSinceBegin() {
    return nanoTime.getAsLong() - began;
  }
}

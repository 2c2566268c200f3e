package io.outboxrelay.redelivery;

import java.time.Duration;

/**
 * The times that govern the redelivery of dead letters.
 *
 * @param interval between two looks without a notification
 * @param retryAfter time after a rejection until redelivery is requested automatically; zero for
 *     never
 * @param patience how long the database may take to answer
 */
public record RedeliverySchedule(Duration interval, Duration retryAfter, Duration patience) {
  boolean retries() {
    return !retryAfter.isZero();
  }

  long pauseMillis() {
    long millis =
        retries() ? Math.min(interval.toMillis(), retryAfter.toMillis()) : interval.toMillis();
    return Math.max(1, millis);
  }
}

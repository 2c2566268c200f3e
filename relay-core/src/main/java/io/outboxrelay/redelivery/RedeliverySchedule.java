package io.outboxrelay.redelivery;

import java.time.Duration;

/**
 * The times that govern the redelivery of dead letters.
 *
 * @param interval the time between two looks at the table without a notification
 * @param retryAfter the time after a rejection until redelivery is requested automatically; zero
 *     for never
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

package io.outboxrelay.breaker;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The pause before a retry: it doubles from {@code first} to {@code most}. Up to a quarter is
 * subtracted at random, so that many waiting retries do not run at the same moment.
 */
public record Backoff(Duration first, Duration most) {
  /**
   * Returns the pause before try number {@code attempt} in milliseconds, at least 1.
   *
   * @param attempt 1 for the first try after a failure
   */
  public long millis(int attempt) {
    long doubled = first.toMillis() << Math.min(attempt - 1, 20);
    long pause = Math.min(doubled, most.toMillis());
    return Math.max(1, pause - ThreadLocalRandom.current().nextLong(pause / 4 + 1));
  }
}

package io.outboxrelay.dispatch;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before the next try: doubling from {@code first} to {@code most}, with jitter of
 * a quarter so that many waiting at once do not come back at once.
 */
public record Backoff(Duration first, Duration most) {
  /**
   * The pause before try number {@code attempt}, in milliseconds, at least one.
   *
   * @param attempt 1 for the first try after a failure
   */
  public long millis(int attempt) {
    long doubled = first.toMillis() << Math.min(attempt - 1, 20);
    long pause = Math.min(doubled, most.toMillis());
    return Math.max(1, pause - ThreadLocalRandom.current().nextLong(pause / 4 + 1));
  }
}

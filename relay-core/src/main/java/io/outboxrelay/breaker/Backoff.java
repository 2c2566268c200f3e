package io.outboxrelay.breaker;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The pause before a retry: it doubles from {@code first} to {@code most}. Up to a quarter is
 * subtracted at random, so that many waiting retries do not run at the same moment.
 */
public record Backoff(Duration first, Duration most) {
  /**
   * The longest pause before the retry of an event that may leave one more copy at the broker with
   * each attempt.
   */
  static final Duration LONGEST = Duration.ofMinutes(2);

  /**
   * Returns a back-off with the same first pause and a longest pause of two minutes. Returns this
   * back-off if its longest pause is two minutes or more.
   */
  public Backoff upToMinutes() {
    return most.compareTo(LONGEST) >= 0 ? this : new Backoff(first, LONGEST);
  }

  /**
   * Returns the number of the first attempt before which the pause is at least {@code least} or, if
   * {@code most} is shorter, at least {@code most}. Ignores the part that is subtracted at random.
   */
  int attemptWithPause(Duration least) {
    int attempt = 1;
    for (var pause = first; pause.compareTo(least) < 0 && pause.compareTo(most) < 0; attempt++) {
      pause = pause.multipliedBy(2);
    }
    return attempt;
  }

  /**
   * Returns the pause before the given attempt in milliseconds, at least 1.
   *
   * @param attempt the number of the attempt; 1 for the first attempt after a failure
   */
  public long millis(int attempt) {
    long doubled = first.toMillis() << Math.min(attempt - 1, 20);
    long pause = Math.min(doubled, most.toMillis());
    return Math.max(1, pause - ThreadLocalRandom.current().nextLong(pause / 4 + 1));
  }
}

package io.outboxrelay.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Pauses that double up to a bound, and are not all alike. */
class BackoffTest {
  private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));

  @Test
  void doublesWithJitterUpToTheMost() {
    for (int repeat = 0; repeat < 1_000; repeat++) {
      assertThat(backoff.millis(1)).isBetween(75L, 100L);
      assertThat(backoff.millis(2)).isBetween(150L, 200L);
      assertThat(backoff.millis(4)).isBetween(600L, 800L);
      assertThat(backoff.millis(5)).isBetween(750L, 1_000L);
      assertThat(backoff.millis(1_000_000)).isBetween(750L, 1_000L);
    }
  }

  @Test
  void manyWaitingAtOnceDoNotComeBackAtOnce() {
    assertThat(IntStream.range(0, 1_000).mapToLong(i -> backoff.millis(5)).distinct().count())
        .isGreaterThan(50);
  }

  @Test
  void isNeverZeroNorNegative() {
    assertThat(new Backoff(Duration.ofMillis(1), Duration.ofMillis(1)).millis(1)).isOne();
    assertThat(new Backoff(Duration.ofDays(1), Duration.ofDays(30)).millis(50)).isPositive();
  }
}

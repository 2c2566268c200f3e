package io.outboxrelay.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The pauses double up to a bound, and a random part makes them differ. */
class BackoffTest {
  private static final Backoff DEFAULTS = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1));

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

  /** docs/reliability.md states this bound: 12 tries, and then at most one in 90 s. */
  @Test
  void anEventThatMayLeaveCopiesIsTriedRarely() {
    var rarely = DEFAULTS.upToMinutes();
    long passed = 0;
    int tries = 0;
    while (passed < Duration.ofHours(1).toMillis()) {
      passed += rarely.millis(++tries);
    }
    assertThat(tries).isBetween(12 + 60 * 60 / 120 - 2, 12 + 60 * 60 / 90);
  }

  @Test
  void aLongerBackOffIsNotShortened() {
    var longer = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(5));
    assertThat(longer.upToMinutes()).isEqualTo(longer);
  }

  @Test
  void findsTheFirstTryWithALongPause() {
    var rarely = DEFAULTS.upToMinutes();
    assertThat(rarely.attemptWithPause(Duration.ofMillis(50))).isEqualTo(1);
    assertThat(rarely.attemptWithPause(Duration.ofSeconds(2))).isEqualTo(7);
    assertThat(DEFAULTS.attemptWithPause(Duration.ofMinutes(1))).isEqualTo(6);
  }
}

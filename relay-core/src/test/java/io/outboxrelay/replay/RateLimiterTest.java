package io.outboxrelay.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A replay never exceeds its rate, however fast or slow the broker is. */
class RateLimiterTest {
  private final AtomicLong clock = new AtomicLong(-5_000_000_000L);

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 100, 1_000, 33_333, 100_000})
  void noMoreThanTheRateIsSentInAnyTime(int rate) {
    var pacing = new RateLimiter(rate, clock::get);
    long began = clock.get();
    long sent = 0;
    for (int i = 0; i < 1_000; i++) {
      int most = pacing.begin();
      assertThat(most).isBetween(1, 500);
      clock.addAndGet(i % 7 * 1_000_000L);
      sent += most;
      clock.addAndGet(pacing.pauseMillis(most, 1_000) * 1_000_000);
    }
    assertThat(sent).isLessThanOrEqualTo(rate * (clock.get() - began) / 1_000_000_000L + 1);
  }

  @Test
  void timeThatABrokerTakesIsNotMadeUpFor() {
    var pacing = new RateLimiter(1_000, clock::get);
    int most = pacing.begin();
    clock.addAndGet(3_600_000_000_000L);
    assertThat(pacing.pauseMillis(most, 0)).isEqualTo(1);
    pacing.begin();
    assertThat(pacing.pauseMillis(100, 0)).isEqualTo(100);
  }

  @Test
  void theDatabaseRestsForAsLongAsItWasLookingForNothing() {
    var pacing = new RateLimiter(1_000, clock::get);
    pacing.begin();
    clock.addAndGet(40_000_000);
    assertThat(pacing.pauseMillis(0, pacing.nanosSinceBegin())).isEqualTo(40);
  }
}

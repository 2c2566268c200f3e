package io.outboxrelay.doorbell;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class TransactionRateTest {
  private static final long MILLI = 1_000_000;

  private final TransactionRate rate = new TransactionRate();

  @Test
  void isZeroAtFirst() {
    assertThat(rate.perSecond(System.nanoTime())).isZero();
  }

  @Test
  void followsEvenCommits() {
    long now = -5_000 * MILLI;
    for (int i = 0; i < 300; i++) {
      now += 5 * MILLI;
      rate.found(1, now);
    }

    assertThat(rate.perSecond(now)).isCloseTo(200, Percentage.withPercentage(3));
  }

  @Test
  void countsCommitsThatAreFoundTogether() {
    long now = 0;
    for (int i = 0; i < 100; i++) {
      now += 40 * MILLI;
      rate.found(80, now);
    }

    assertThat(rate.perSecond(now)).isCloseTo(2_000, Percentage.withPercentage(15));
  }

  @Test
  void forgetsABurst() {
    rate.found(1_000, 0);

    assertThat(rate.perSecond(3_000 * MILLI)).isLessThan(1);
  }
}

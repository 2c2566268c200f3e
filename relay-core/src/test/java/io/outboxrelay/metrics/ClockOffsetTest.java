package io.outboxrelay.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class ClockOffsetTest {
  private static final long AHEAD = 1_700_000_000_000_000L;

  private final ClockOffset clock = new ClockOffset();

  @Test
  void isUnknownBeforeTheFirstAnswer() {
    assertThat(clock.isKnown()).isFalse();
  }

  @Test
  void theQuickestAnswerIsBelievedWhateverTheNetworkDoes() {
    var random = new Random(3);
    for (int i = 0; i < 50; i++) {
      long asked = i * 1_000_000_000L;
      long there = 100_000 + random.nextLong(50_000_000);
      long back = 100_000 + random.nextLong(50_000_000);
      clock.sample(asked, asked + there + back, AHEAD + (asked + there) / 1000);

      long wrong = Math.abs(clock.databaseMicros(asked) - (AHEAD + asked / 1000));
      assertThat(wrong).isLessThanOrEqualTo(clock.uncertaintyMicros() + 1);
    }
    assertThat(clock.uncertaintyMicros()).isLessThan(25_000);
  }

  @Test
  void aClockThatWasSetIsFollowed() {
    clock.sample(0, 1_000_000, AHEAD);
    for (int i = 1; i <= 8; i++) {
      long asked = i * 1_000_000_000L;
      clock.sample(asked, asked + 2_000_000, AHEAD + 5_000_000 + asked / 1000 + 1_000);
    }
    assertThat(clock.databaseMicros(0)).isEqualTo(AHEAD + 5_000_000);
  }
}

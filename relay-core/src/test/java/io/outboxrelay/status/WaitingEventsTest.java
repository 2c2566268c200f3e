package io.outboxrelay.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A count that was ended by its bound is an upper bound, never less than what was counted. */
class WaitingEventsTest {
  private static final Optional<Duration> OLDEST = Optional.of(Duration.ofSeconds(3));

  @Test
  void aCountWithinTheBoundIsExact() {
    assertThat(WaitingEvents.counted(0, 70, Optional.empty())).isEqualTo(WaitingEvents.NONE);
    assertThat(WaitingEvents.counted(1_000, 7_000, OLDEST))
        .isEqualTo(new WaitingEvents(1_000, false, OLDEST));
  }

  @Test
  void aCountBeyondTheBoundIsTheEstimateOfTheSequence() {
    assertThat(WaitingEvents.counted(1_001, 7_000, OLDEST))
        .isEqualTo(new WaitingEvents(7_000, true, OLDEST));
  }

  /** The events of a transaction that committed late are before the position. */
  @Test
  void anEstimateBelowTheCountIsNotBelieved() {
    assertThat(WaitingEvents.counted(1_001, 7, OLDEST))
        .isEqualTo(new WaitingEvents(1_000, true, OLDEST));
  }

  @Test
  void eventsThatWereReadAheadCountAtLeast() {
    assertThat(new WaitingEvents(5, false, OLDEST).atLeast(9).count()).isEqualTo(9);
    assertThat(new WaitingEvents(5, false, OLDEST).atLeast(3).count()).isEqualTo(5);
  }
}

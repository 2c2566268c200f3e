package io.outboxrelay.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * If more events wait than are counted, the result is an upper bound, and at least the number of
 * the counted events.
 */
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

  /** The estimate leaves out events below the position, of transactions that committed late. */
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

package io.outboxrelay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.testkit.AggregateArrivals.Arrival;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The check of the order finds each kind of mistake. */
class AggregateArrivalsTest {
  private final AggregateArrivals arrivals = new AggregateArrivals();

  @Test
  void versionsInOrderAreEachTheNext() {
    assertThat(IntStream.rangeClosed(1, 200).mapToObj(arrivals::arrived))
        .containsOnly(Arrival.NEXT);
    assertThat(arrivals.highest()).isEqualTo(200);
    assertThat(arrivals.skipped()).isZero();
    assertThat(arrivals.missingUpTo(203)).isEqualTo(3);
  }

  @Test
  void aVersionThatWasOvertakenIsSeenTwice() {
    arrivals.arrived(1);

    assertThat(arrivals.arrived(3)).isEqualTo(Arrival.AHEAD);
    assertThat(arrivals.skipped()).isEqualTo(1);
    assertThat(arrivals.has(2)).isFalse();
    assertThat(arrivals.arrived(2)).isEqualTo(Arrival.OVERTAKEN);
    assertThat(arrivals.skipped()).isZero();
    assertThat(arrivals.missingUpTo(3)).isZero();
  }

  @Test
  void theFirstVersionMayBeMissingToo() {
    assertThat(arrivals.arrived(2)).isEqualTo(Arrival.AHEAD);
    assertThat(arrivals.skipped()).isEqualTo(1);
  }

  @Test
  void aRepeatIsComparedWithTheFirst() {
    var id = UUID.randomUUID();
    arrivals.arrived(1, id);
    arrivals.arrived(2, UUID.randomUUID());

    assertThat(arrivals.arrived(1, id)).isEqualTo(Arrival.REPEATED);
    assertThat(arrivals.arrived(2, UUID.randomUUID())).isEqualTo(Arrival.REPEATED_WITH_ANOTHER_ID);
    assertThat(arrivals.highest()).isEqualTo(2);
  }
}

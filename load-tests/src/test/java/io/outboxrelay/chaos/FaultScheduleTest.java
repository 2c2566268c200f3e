package io.outboxrelay.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FaultScheduleTest {
  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void equalSeedsGiveEqualFaults() {
    assertThat(FaultSchedule.of(7, HOUR, 3, 6))
        .isEqualTo(FaultSchedule.of(7, HOUR, 3, 6))
        .isNotEmpty();
    assertThat(FaultSchedule.of(8, HOUR, 3, 6)).isNotEqualTo(FaultSchedule.of(7, HOUR, 3, 6));
  }

  @Test
  void aLongRunMeetsEveryKindAloneAndTogether() {
    var faults = FaultSchedule.of(1, HOUR, 3, 6);

    assertThat(faults.stream().map(PlannedFault::kind).distinct())
        .hasSize(FaultKind.values().length);
    assertThat(faults).anyMatch(fault -> together(fault, faults) > 1);
    assertThat(faults).anyMatch(fault -> together(fault, faults) == 1);
  }

  private static long together(PlannedFault fault, List<PlannedFault> faults) {
    return faults.stream()
        .filter(other -> other.at() <= fault.until() && fault.at() <= other.until())
        .count();
  }

  @Test
  void nothingIsBrokenTwiceAtATime() {
    var faults = FaultSchedule.of(3, HOUR, 3, 6);

    for (var fault : faults) {
      assertThat(faults.stream().filter(fault::meets).filter(other -> !other.equals(fault)))
          .isEmpty();
    }
  }

  @Test
  void everythingIsOverInTime() {
    for (var length : Arrays.asList(Duration.ofSeconds(30), Duration.ofMinutes(5))) {
      assertThat(FaultSchedule.of(5, length, 3, 6))
          .isNotEmpty()
          .allMatch(fault -> fault.until() < length.toMillis());
    }
  }

  @Test
  void theLastRelayLivesFromBeginningToEnd() {
    assertThat(FaultSchedule.of(9, HOUR, 3, 6))
        .filteredOn(PlannedFault::endsRelay)
        .extracting(PlannedFault::relay)
        .containsOnly(PlannedFault.LEADER, 1, 2);
  }
}

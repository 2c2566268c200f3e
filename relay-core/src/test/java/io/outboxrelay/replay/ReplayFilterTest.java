package io.outboxrelay.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.OffsetDateTime;
import org.junit.jupiter.api.Test;

class ReplayFilterTest {
  private static final OffsetDateTime NOON =
      OffsetDateTime.parse("2026-03-01T14:00:00.123456+02:00");

  @Test
  void itsWordsNameWhatIsAskedForAndNothingElse() {
    assertThat(ReplayFilter.everything().words()).isEqualTo("all");
    assertThat(new ReplayFilter(null, NOON, null, "Paid").words())
        .isEqualTo("type Paid, to 2026-03-01T12:00:00Z");
    assertThat(new ReplayFilter(NOON, NOON.plusHours(1), "order-1", null).words())
        .isEqualTo("aggregate order-1, from 2026-03-01T12:00:00Z, to 2026-03-01T13:00:00Z");
  }

  @Test
  void theWordsOfARequestNameTheOtherDestination() {
    assertThat(new ReplayRequest(ReplayFilter.everything(), null, 1).words()).isEqualTo("all");
    assertThat(new ReplayRequest(ReplayFilter.everything(), "audit", 1).words())
        .isEqualTo("all, to audit");
  }
}

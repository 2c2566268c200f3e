package io.outboxrelay.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class AccountDifferenceTest {
  @Test
  void oneEventIsCountedInTheSingular() {
    assertThat(found(0, 1).sentence())
        .isEqualTo(
            "of the sequence numbers 4096 to 8191, 1 event is in the outbox and counts as published, but"
                + " the account of the deliveries has 0: 1 was never published, or rows of the account were"
                + " deleted or changed");
    assertThat(found(1, 3).sentence())
        .isEqualTo(
            "of the sequence numbers 4096 to 8191, 3 events are in the outbox and count as published, but"
                + " the account of the deliveries has 1: 2 or more were never published, or rows of the"
                + " account were deleted or changed");
  }

  private static AccountDifference found(long delivered, long standing) {
    return new AccountDifference(
        1, delivered, standing, OffsetDateTime.of(2026, 3, 1, 12, 30, 0, 0, ZoneOffset.UTC));
  }
}

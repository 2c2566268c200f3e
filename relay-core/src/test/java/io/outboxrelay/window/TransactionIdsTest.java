package io.outboxrelay.window;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The next transaction id is computed from a snapshot and the low half of the id, which age()
 * yields.
 */
class TransactionIdsTest {
  private static final long EPOCH = 1L << 32;

  /** Tests ids around each overflow of the low half and of its sign, with snapshots of any age. */
  @ParameterizedTest
  @ValueSource(longs = {EPOCH / 2, EPOCH, EPOCH + EPOCH / 2, 2 * EPOCH, 5 * EPOCH, 1000 * EPOCH})
  void theNextIdIsWhatTheServerCounts(long around) {
    for (long next = around - 5; next <= around + 5; next++) {
      for (long behind : new long[] {0, 1, 2, 3, 7, 1_000_000, EPOCH / 2 - 10}) {
        long xmax = Math.max(3, next - behind);
        assertThat(TransactionIds.next(xmax, ageOf3At(next)))
            .as("next id %d, xmax %d", next, xmax)
            .isEqualTo(next);
      }
    }
  }

  @Test
  void aSnapshotWithoutATransactionSinceTellsTheSame() {
    assertThat(TransactionIds.next(3, 0)).isEqualTo(3);
    assertThat(TransactionIds.next(750, 747)).isEqualTo(750);
    assertThat(TransactionIds.next(EPOCH - 1, -4)).isEqualTo(EPOCH - 1);
    assertThat(TransactionIds.next(EPOCH - 1, 0)).isEqualTo(EPOCH + 3);
  }

  /**
   * Computes the age as PostgreSQL does: the difference of unsigned numbers, as a signed number.
   */
  private static int ageOf3At(long next) {
    return (int) (next - 3);
  }
}

package io.outboxrelay.wal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RecentRowsTest {
  private final RecentRows rows = new RecentRows();

  @Test
  void onlyRowsOfTheTransactionAreFound() {
    for (int seq = 1; seq <= 100; seq++) {
      rows.add(2L * seq, seq);
    }

    assertThat(rows.remove(2)).isEqualTo(1);
    assertThat(rows.remove(200)).isEqualTo(100);
    assertThat(rows.remove(3)).isNull();
    rows.clear();
    assertThat(rows.remove(2)).isNull();
  }

  @Test
  void rowsInAnyOrderAreFound() {
    rows.add(9, 90);
    rows.add(7, 70);
    rows.add(8, 80);

    assertThat(rows.remove(9)).isEqualTo(90);
    assertThat(rows.remove(7)).isEqualTo(70);
    assertThat(rows.remove(6)).isNull();
  }

  @Test
  void theLatestRowsOfALargeTransactionAreFound() {
    for (int seq = 1; seq <= 1_000_000; seq++) {
      rows.add(seq, -seq);
    }

    assertThat(rows.remove(1_000_000)).isEqualTo(-1_000_000);
    assertThat(rows.remove(980_000)).isEqualTo(-980_000);
    assertThat(rows.remove(1)).isNull();
  }
}

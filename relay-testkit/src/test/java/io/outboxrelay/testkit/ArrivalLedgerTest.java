package io.outboxrelay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.testkit.AggregateArrivals.Arrival;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArrivalLedgerTest {
  private final ArrivalLedger ledger = new ArrivalLedger();

  @Test
  void countsTheArrivalsOfAllAggregatesByTheirOrder() {
    ledger.arrived("a", 1);
    ledger.arrived("a", 3);
    ledger.arrived("b", 1);
    ledger.arrived("a", 2);
    ledger.arrived("b", 1);

    assertThat(ledger.count(Arrival.NEXT)).isEqualTo(2);
    assertThat(ledger.count(Arrival.AHEAD)).isEqualTo(1);
    assertThat(ledger.count(Arrival.OVERTAKEN)).isEqualTo(1);
    assertThat(ledger.count(Arrival.REPEATED)).isEqualTo(1);
    assertThat(ledger.total()).isEqualTo(5);
    assertThat(ledger.delivered()).isEqualTo(4);
    assertThat(ledger.highest()).isEqualTo(Map.of("a", 3, "b", 1));
  }

  @Test
  void knowsTheVersionsThatHaveNotArrived() {
    ledger.arrived("a", 2);

    assertThat(ledger.skipped()).isEqualTo(1);
    assertThat(ledger.missing(Map.of("a", 4, "b", 2))).isEqualTo(5);
    assertThat(ledger.highest("b")).isZero();
  }
}

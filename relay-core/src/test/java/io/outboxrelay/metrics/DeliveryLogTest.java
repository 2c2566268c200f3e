package io.outboxrelay.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.publish.Events;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeliveryLogTest {
  private final DeliveryLog log = new DeliveryLog();

  private void deliver(long seq, long offset) {
    log.delivered(Events.event(seq, "order-1", Map.of()), "orders", null, 3, offset);
  }

  @Test
  void nothingIsRememberedUntilItIsEnabled() {
    deliver(1, 7);
    log.enable();
    assertThat(log.find(List.of(1L))).isEmpty();
  }

  @Test
  void theLatestDeliveryOfAnEventCounts() {
    log.enable();
    deliver(1, 7);
    deliver(2, 8);
    deliver(1, 9);

    assertThat(log.find(List.of(1L, 3L))).containsOnlyKeys(1L);
    assertThat(log.find(List.of(1L)).get(1L))
        .satisfies(
            receipt -> {
              assertThat(receipt.destination()).isEqualTo("orders");
              assertThat(receipt.partition()).isEqualTo(3);
              assertThat(receipt.offset()).isEqualTo(9);
            });
  }

  @Test
  void theOldestIsForgottenFirst() {
    log.enable();
    for (int seq = 0; seq <= DeliveryLog.KEPT; seq++) {
      deliver(seq, seq);
    }
    assertThat(log.find(List.of(0L, 1L, (long) DeliveryLog.KEPT)))
        .containsOnlyKeys(1L, (long) DeliveryLog.KEPT);
  }
}

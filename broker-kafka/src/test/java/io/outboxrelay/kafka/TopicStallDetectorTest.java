package io.outboxrelay.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A topic counts as stalled only if other topics get answers. */
class TopicStallDetectorTest {
  private final long start = System.nanoTime();
  private final TopicStallDetector traffic = new TopicStallDetector();
  private final TopicStallDetector.Count orders = traffic.of("orders");
  private final TopicStallDetector.Count audits = traffic.of("audits");

  @Test
  void oneThatIsNotAnsweredWhileAnotherIsHasStalled() {
    orders.sent();
    for (int second = 1; second <= 12; second++) {
      exchange(audits);
      assertThat(traffic.stalled(after(second)).isPresent()).isEqualTo(second > 10);
    }
    assertThat(traffic.stalled(after(13))).contains("orders");
  }

  /** Other topics soon have nothing to send, because waiting events fill the read-ahead. */
  @Test
  void itHasStalledAlsoWhereTheOthersHaveNothingMoreToSend() {
    orders.sent();
    for (int second = 1; second <= 4; second++) {
      exchange(audits);
      traffic.stalled(after(second));
    }
    assertThat(traffic.stalled(after(20))).contains("orders");
  }

  @Test
  void anOutageOfAllIsNoStall() {
    exchange(orders);
    exchange(audits);
    traffic.stalled(after(1));
    orders.sent();
    exchange(audits);
    audits.sent();
    for (int second = 2; second <= 60; second++) {
      assertThat(traffic.stalled(after(second))).isEmpty();
    }
  }

  @Test
  void oneWithNothingToSendHasNotStalled() {
    exchange(orders);
    for (int second = 1; second <= 60; second++) {
      exchange(audits);
      assertThat(traffic.stalled(after(second))).isEmpty();
    }
  }

  private static void exchange(TopicStallDetector.Count count) {
    count.sent();
    count.answered();
  }

  private long after(int seconds) {
    return start + Duration.ofSeconds(seconds).toNanos();
  }
}

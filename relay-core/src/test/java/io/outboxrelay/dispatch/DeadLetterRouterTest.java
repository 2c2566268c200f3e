package io.outboxrelay.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeadLetterRouterTest {
  /** An event without an aggregate id is not followed by later events to the dead letters. */
  @Test
  void theLogTellsThatLaterEventsFollowOnlyIfTheAggregateIsParked() {
    assertThat(DeadLetterRouter.consequence(true)).contains("later events of its aggregate");
    assertThat(DeadLetterRouter.consequence(false)).doesNotContain("later events");
  }
}

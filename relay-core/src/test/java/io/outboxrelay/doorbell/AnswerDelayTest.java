package io.outboxrelay.doorbell;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AnswerDelayTest {
  private final AnswerDelay delay = new AnswerDelay();

  @Test
  void aDatabaseWithNothingElseToDoHasNone() {
    answers(100, 300);

    assertThat(delay.nanos()).isZero();
  }

  @Test
  void nothingIsKnownBeforeTheFirstAnswer() {
    assertThat(delay.nanos()).isZero();
  }

  @Test
  void distanceIsNoDelay() {
    answers(100, 30_000);

    assertThat(delay.nanos()).isZero();
  }

  @Test
  void theVariationOfANetworkIsNoDelay() {
    for (int i = 0; i < 100; i++) {
      answers(1, 2_000);
      answers(1, 2_400);
    }

    assertThat(delay.nanos()).isZero();
  }

  @Test
  void itIsTheTimeAboveTheQuickestAnswer() {
    answers(100, 300);
    answers(100, 1_800);

    assertThat(delay.nanos() / 1_000).isBetween(800L, 1_050L);
  }

  @Test
  void oneSlowAnswerAmongManyCostsLittle() {
    answers(100, 300);
    answers(1, 6_000);
    answers(20, 300);

    assertThat(delay.nanos()).isZero();
  }

  @Test
  void itEndsWhenTheOtherWorkEnds() {
    answers(100, 300);
    answers(100, 20_000);
    answers(60, 300);

    assertThat(delay.nanos()).isZero();
  }

  @Test
  void aDatabaseThatMovedAwayIsTakenForWhatItIsInTime() {
    answers(100, 300);
    answers(10_000, 8_000);

    assertThat(delay.nanos()).isZero();
  }

  private void answers(int count, long micros) {
    for (int i = 0; i < count; i++) {
      delay.answeredAfter(micros * 1_000);
    }
  }
}

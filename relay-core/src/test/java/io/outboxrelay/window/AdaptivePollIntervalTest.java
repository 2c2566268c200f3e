package io.outboxrelay.window;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AdaptivePollIntervalTest {
  private static final Duration LEAST = Duration.ofMillis(1);
  private static final Duration LIMIT = Duration.ofMillis(40);

  private final AdaptivePollInterval pace = new AdaptivePollInterval(LEAST, LIMIT);

  @Test
  void aDatabaseWithNothingElseToDoIsAskedAtOnce() {
    answers(100, 300);

    assertThat(wait(pace)).isEqualTo(LEAST);
  }

  @Test
  void nothingIsKnownBeforeTheFirstAnswer() {
    assertThat(wait(pace)).isEqualTo(LEAST);
  }

  @Test
  void oneThatIsFarAwayToo() {
    answers(100, 30_000);

    assertThat(wait(pace)).isEqualTo(LEAST);
  }

  @Test
  void theUnrestOfANetworkIsNoLoad() {
    for (int i = 0; i < 100; i++) {
      answers(1, 2_000);
      answers(1, 2_400);
    }

    assertThat(wait(pace)).isEqualTo(LEAST);
  }

  @Test
  void oneThatServesOthersIsLeftToThem() {
    answers(100, 300);
    answers(100, 1_800);

    assertThat(wait(pace)).isBetween(Duration.ofMillis(13), Duration.ofMillis(18));
  }

  @Test
  void andLongerTheMoreItHasToDoWithinTheLimit() {
    answers(100, 300);
    answers(100, 1_000);
    var busy = wait(pace);
    answers(100, 1_800);
    var busier = wait(pace);
    answers(100, 50_000);

    assertThat(busier).isGreaterThan(busy);
    assertThat(wait(pace)).isEqualTo(LIMIT);
  }

  @Test
  void oneSlowAnswerAmongManyCostsLittle() {
    answers(100, 300);
    answers(1, 6_000);
    answers(20, 300);

    assertThat(wait(pace)).isEqualTo(LEAST);
  }

  @Test
  void whenTheOthersAreGoneItIsAsQuickAsBefore() {
    answers(100, 300);
    answers(100, 20_000);
    answers(60, 300);

    assertThat(wait(pace)).isEqualTo(LEAST);
  }

  @Test
  void aDatabaseThatMovedAwayIsTakenForWhatItIsInTime() {
    answers(100, 300);
    answers(10_000, 8_000);

    assertThat(wait(pace)).isEqualTo(LEAST);
  }

  @Test
  void aLimitAsShortAsThePaceKeepsItConstant() {
    var constant = new AdaptivePollInterval(LEAST, LEAST);
    constant.answeredAfter(300_000);
    constant.answeredAfter(900_000_000);

    assertThat(wait(constant)).isEqualTo(LEAST);
  }

  private void answers(int count, long micros) {
    for (int i = 0; i < count; i++) {
      pace.answeredAfter(micros * 1_000);
    }
  }

  private static Duration wait(AdaptivePollInterval pace) {
    return Duration.ofNanos(pace.nanos());
  }
}

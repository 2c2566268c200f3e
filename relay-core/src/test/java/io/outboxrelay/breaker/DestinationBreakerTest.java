package io.outboxrelay.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.breaker.DestinationBreaker.Effect;
import io.outboxrelay.breaker.DestinationBreaker.FailureMemory;
import io.outboxrelay.breaker.DestinationBreaker.State;
import io.outboxrelay.lifecycle.MoveTable;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DestinationBreakerTest {
  private static final long SECOND = 1_000_000_000;
  private static final long PATIENCE = 2 * SECOND;
  private static final long PAUSE = SECOND;
  private static final long UNTRIED = 600 * SECOND;
  private static final DestinationBreaker.Timing TIMING =
      new DestinationBreaker.Timing(
          PATIENCE, attempt -> attempt * PAUSE, attempt -> 10L * attempt * PAUSE, UNTRIED);

  private final DestinationBreaker breaker = new DestinationBreaker(TIMING);

  @Test
  void allMovesOfThePictureAndNoOthersAreLegal() {
    MoveTable.assertMoves(
        State.class,
        State::to,
        Map.of(
            State.CLOSED, Set.of(State.OPEN),
            State.OPEN, Set.of(State.HALF_OPEN, State.RECOVERING, State.CLOSED),
            State.HALF_OPEN, Set.of(State.OPEN, State.RECOVERING, State.CLOSED),
            State.RECOVERING, Set.of(State.OPEN, State.CLOSED)));
  }

  @Test
  void aConfirmIsNoAnswerToAFailureThatNeverWas() {
    MoveTable.assertMoves(
        FailureMemory.class,
        FailureMemory::to,
        Map.of(
            FailureMemory.NONE, Set.of(FailureMemory.NONE, FailureMemory.LATEST),
            FailureMemory.LATEST, Set.of(FailureMemory.values()),
            FailureMemory.CONFIRMED_SINCE, Set.of(FailureMemory.values())));
    assertThat(FailureMemory.NONE.afterAConfirm()).isEqualTo(FailureMemory.NONE);
    assertThat(FailureMemory.LATEST.afterAConfirm()).isEqualTo(FailureMemory.CONFIRMED_SINCE);
  }

  @Test
  void theLatestOutcomeIsNoFailureOnceAnotherEventWasConfirmed() {
    breaker.failed(0, 0, "full", false);
    assertThat(breaker.hasFailedLast()).isTrue();

    breaker.confirmed(1);
    assertThat(breaker.hasFailedLast()).isFalse();
    assertThat(breaker.isFailing()).isTrue();

    breaker.failed(2, 2, "full", false);
    assertThat(breaker.hasFailedLast()).isTrue();
  }

  @Test
  void isHealthyAndClosedAtFirst() {
    assertThat(breaker.state(0)).isEqualTo(State.CLOSED);
    assertThat(breaker.isHealthy()).isTrue();
    assertThat(breaker.confirmed(0)).isEqualTo(Effect.NONE);
    assertThat(breaker.isHealthy()).isTrue();
  }

  @Test
  void staysClosedBeforeThePatienceIsOver() {
    assertThat(breaker.failed(PATIENCE - 1, 0, "full", true)).isEqualTo(Effect.NONE);

    assertThat(breaker.state(PATIENCE)).isEqualTo(State.CLOSED);
    assertThat(breaker.isFailing()).isTrue();
    assertThat(breaker.hasFailedForLong(PATIENCE - 1)).isFalse();
    assertThat(breaker.hasFailedForLong(PATIENCE)).isTrue();
  }

  @Test
  void staysClosedIfNoOtherDestinationConfirmed() {
    assertThat(breaker.failed(PATIENCE, 0, "full", false)).isEqualTo(Effect.NONE);

    assertThat(breaker.state(PATIENCE)).isEqualTo(State.CLOSED);
    assertThat(breaker.isTriedInVain(PATIENCE, 0)).isTrue();
    assertThat(breaker.isTriedInVain(PATIENCE + 1, 0)).isFalse();
  }

  @Test
  void opensAfterThePatience() {
    assertThat(breaker.failed(PATIENCE, 0, "full", true)).isEqualTo(Effect.OPENED);

    assertThat(breaker.state(PATIENCE)).isEqualTo(State.OPEN);
    assertThat(breaker.reason()).isEqualTo("full");
    assertThat(breaker.isFailing()).isFalse();
    assertThat(breaker.isHealthy()).isFalse();
  }

  @Test
  void ignoresFailuresWhileOpen() {
    opened();

    assertThat(breaker.failed(PAUSE - 1, 0, "another", true)).isEqualTo(Effect.NONE);

    assertThat(breaker.reason()).isEqualTo("full");
    assertThat(breaker.nanosToHalfOpen(PAUSE - 1)).isOne();
  }

  @Test
  void becomesHalfOpenAfterThePause() {
    opened();

    assertThat(breaker.state(PAUSE - 1)).isEqualTo(State.OPEN);
    assertThat(breaker.state(PAUSE)).isEqualTo(State.HALF_OPEN);
    assertThat(breaker.isOpenOrHalfOpen()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 100})
  void pausesLongerAfterEachFailureWhileHalfOpen(int attempts) {
    opened();
    long now = 0;
    for (int attempt = 1; attempt <= attempts; attempt++) {
      assertThat(breaker.nanosToHalfOpen(now)).isEqualTo(attempt * PAUSE);
      now += attempt * PAUSE;
      assertThat(breaker.failed(now, now, "try " + attempt, false)).isEqualTo(Effect.STAYED_OPEN);
      assertThat(breaker.state(now)).isEqualTo(State.OPEN);
      assertThat(breaker.reason()).isEqualTo("try " + attempt);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, PAUSE - 1, PAUSE, 100 * PAUSE})
  void closesWithTheFirstConfirmAlsoBeforeThePauseIsOver(long when) {
    opened();

    assertThat(breaker.confirmed(when)).isEqualTo(Effect.CLOSED);

    assertThat(breaker.state(when)).isEqualTo(State.RECOVERING);
    assertThat(breaker.isOpenOrHalfOpen()).isFalse();
    assertThat(breaker.isHealthy()).as("while it recovers").isFalse();
    assertThat(breaker.settle(when + PATIENCE)).as("a recovery with relapses").isFalse();
    assertThat(breaker.isHealthy()).isTrue();
  }

  @Test
  void relapsesOnceItRefusedMoreThanItAcceptedWhileItRecovers() {
    opened();
    breaker.confirmed(0);
    breaker.confirmed(0);
    assertThat(breaker.failed(1, 1, "full", false)).isEqualTo(Effect.NONE);
    assertThat(breaker.failed(1, 1, "full", false)).isEqualTo(Effect.NONE);

    assertThat(breaker.failed(1, 1, "full", false)).isEqualTo(Effect.RELAPSED);

    assertThat(breaker.state(1)).isEqualTo(State.OPEN);
    assertThat(breaker.relapses()).isOne();
    breaker.confirmed(1);
    assertThat(breaker.hasRelapsed()).isTrue();
    assertThat(breaker.settle(PATIENCE)).isFalse();
    assertThat(breaker.settle(PATIENCE + 1)).isTrue();
    assertThat(breaker.hasRelapsed()).isFalse();
  }

  @Test
  void doesNotRelapseAfterTheRecovery() {
    opened();
    breaker.confirmed(0);

    assertThat(breaker.failed(PATIENCE, PATIENCE, "full", true)).isEqualTo(Effect.NONE);
    assertThat(breaker.failed(PATIENCE, PATIENCE, "full", true)).isEqualTo(Effect.NONE);
  }

  @Test
  void forgetsAFailureThatIsNotRepeated() {
    breaker.failed(0, 0, "full", true);

    breaker.settle(2 * PATIENCE);
    assertThat(breaker.isHealthy()).isFalse();
    breaker.settle(2 * PATIENCE + 1);
    assertThat(breaker.isHealthy()).isTrue();
  }

  @Test
  void isFailingAnewIfItWasOpenedWithoutGoodReason() {
    opened();

    breaker.closeAsUnproven(5);

    assertThat(breaker.state(5)).isEqualTo(State.CLOSED);
    assertThat(breaker.isFailing()).isTrue();
    assertThat(breaker.hasFailedForLong(5 + PATIENCE - 1)).isFalse();
    assertThat(breaker.hasFailedForLong(5 + PATIENCE)).isTrue();
  }

  @Test
  void isUntriedOnlyIfItWasOfferedForLong() {
    opened();
    assertThat(breaker.isUntried(PAUSE + UNTRIED)).as("never offered").isFalse();
    breaker.offer(PAUSE);
    breaker.offer(PAUSE + 1);

    assertThat(breaker.isUntried(PAUSE + UNTRIED - 1)).isFalse();
    assertThat(breaker.isUntried(PAUSE + UNTRIED)).isTrue();
    breaker.failed(PAUSE + UNTRIED, 0, "full", false);
    assertThat(breaker.isUntried(PAUSE + UNTRIED)).as("tried").isFalse();
    assertThat(breaker.isUntried(10 * UNTRIED)).as("not offered since").isFalse();
  }

  /**
   * In random histories each move is legal, and the state follows from the outcomes alone. After
   * one confirm and a time without failures, the breaker is healthy.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void holdsItsPromisesInAnyHistory(int seed) {
    var random = new Random(seed);
    for (int history = 0; history < 500; history++) {
      var tested = new DestinationBreaker(TIMING);
      long start = random.nextLong();
      long now = start;
      for (int step = 0; step < 60; step++) {
        now += (long) (random.nextDouble() * (random.nextInt(4) == 0 ? 3 * PATIENCE : PAUSE / 4));
        step(tested, random, now);
      }
      tested.confirmed(now);
      assertThat(tested.state(now).isClosed()).isTrue();
      tested.settle(now + 2 * PATIENCE + 1);
      assertThat(tested.isHealthy()).isTrue();
    }
  }

  private static void step(DestinationBreaker tested, Random random, long now) {
    var before = tested.state(now);
    switch (random.nextInt(4)) {
      case 0 -> {
        var effect = tested.confirmed(now);
        assertThat(effect).isEqualTo(before.isClosed() ? Effect.NONE : Effect.CLOSED);
        assertThat(tested.state(now)).isEqualTo(before.isClosed() ? before : State.RECOVERING);
      }
      case 1, 2 -> {
        long since = now - (long) (random.nextDouble() * 2 * PATIENCE);
        boolean othersConfirmed = random.nextBoolean();
        var effect = tested.failed(now, since, "full", othersConfirmed);
        var expected =
            switch (before) {
              case OPEN -> EnumSet.of(Effect.NONE);
              case HALF_OPEN -> EnumSet.of(Effect.STAYED_OPEN);
              case CLOSED, RECOVERING ->
                  now - since >= PATIENCE && othersConfirmed
                      ? EnumSet.of(Effect.OPENED, Effect.RELAPSED)
                      : EnumSet.of(Effect.NONE, Effect.RELAPSED);
            };
        assertThat(expected).contains(effect);
        assertThat(tested.state(now).isClosed())
            .isEqualTo(before.isClosed() && effect == Effect.NONE);
        assertThat(tested.isHealthy()).isFalse();
      }
      default -> {
        tested.settle(now);
        assertThat(tested.state(now))
            .isIn(before, before == State.RECOVERING ? State.CLOSED : before);
      }
    }
    assertThat(tested.isFailing() && tested.isOpenOrHalfOpen()).isFalse();
    if (tested.state(now) == State.OPEN) {
      assertThat(tested.nanosToHalfOpen(now)).isPositive();
    }
  }

  private void opened() {
    breaker.failed(-PATIENCE, -PATIENCE, "full", true);
    assertThat(breaker.failed(0, -PATIENCE, "full", true)).isEqualTo(Effect.OPENED);
  }
}

package io.outboxrelay.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

class DestinationBreakersTest {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration MOST = Duration.ofSeconds(30);
  private static final String GOOD = "good";
  private static final String BAD = "bad";

  private long now;
  private int changes;
  private final DestinationBreakers destinations =
      new DestinationBreakers(PATIENCE, new Backoff(FIRST, MOST), () -> now);

  DestinationBreakersTest() {
    destinations.onChange(() -> changes++);
  }

  @Test
  void aFailureIsReportedUntilTheDestinationConfirmsAgain() {
    fails(0);
    assertThat(destinations.failing()).containsEntry(BAD, "is full");
    destinations.confirmed(GOOD);
    assertThat(destinations.failing()).containsKey(BAD);

    destinations.confirmed(BAD);
    assertThat(destinations.failing()).isEmpty();
    fails(0);
    assertThat(destinations.failing()).containsKey(BAD);
  }

  @Test
  void opensOnceOneEventHasFailedForLongWhileOthersAreConfirmed() {
    fails(0);
    goOn(Duration.ofMillis(1));
    destinations.confirmed(GOOD);
    goOn(PATIENCE.minusMillis(2));
    fails(0);
    assertThat(destinations.isOpen(BAD)).isFalse();

    goOn(Duration.ofMillis(1));
    fails(0);

    assertThat(destinations.isOpen(BAD)).isTrue();
    assertThat(destinations.open()).containsEntry(BAD, "is full");
    assertThat(destinations.isOpen(GOOD)).isFalse();
    assertThat(changes).isOne();
  }

  /** For example a full queue that a slow consumer empties. */
  @Test
  void opensThoughItAcceptsOneNowAndThen() {
    fails(0);
    destinations.confirmed(GOOD);
    for (int i = 1; i <= 20; i++) {
      goOn(Duration.ofMillis(99));
      destinations.confirmed(BAD);
      destinations.confirmed(GOOD);
      fails(0);
      assertThat(destinations.isOpen(BAD)).isFalse();
    }
    goOn(Duration.ofMillis(20));

    fails(0);

    assertThat(destinations.isOpen(BAD)).isTrue();
  }

  /** The read-ahead may be full of events that fail, so that nothing else can be confirmed. */
  @Test
  void oneConfirmOfAnotherIsEnough() {
    fails(0);
    goOn(Duration.ofMillis(1));
    destinations.confirmed(GOOD);
    for (int i = 0; i < 100; i++) {
      goOn(Duration.ofMillis(100));
      destinations.confirmed(BAD);
      fails(now - 1);
    }
    assertThat(destinations.isOpen(BAD)).isFalse();

    fails(0);

    assertThat(destinations.isOpen(BAD)).isTrue();
  }

  @Test
  void eventsThatFailForAMomentOpenNothing() {
    for (int i = 0; i < 1_000; i++) {
      fails(now);
      goOn(PATIENCE.dividedBy(2));
      fails(now - PATIENCE.dividedBy(2).toNanos());
      destinations.confirmed(BAD);
      destinations.confirmed(GOOD);
    }

    assertThat(destinations.open()).isEmpty();
    assertThat(changes).isZero();
  }

  /** docs/reliability.md states this bound for a fan-out with a full queue. */
  @Test
  void aDestinationThatMayHaveAcceptedAPartIsTriedRarely() {
    var backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1));
    var breakers = new DestinationBreakers(PATIENCE, backoff, () -> now);
    breakers.failedInPart(BAD, 0, "a queue is full");
    goOn(PATIENCE);
    breakers.confirmed(GOOD);
    breakers.failedInPart(BAD, 0, "a queue is full");

    int tries = 0;
    for (long end = now + Duration.ofHours(1).toNanos(); now < end; tries++) {
      goOn(Duration.ofMillis(breakers.millisToNextTry(Long.MAX_VALUE)));
      assertThat(breakers.filter(any -> true, List.of()).halfOpen()).containsExactly(BAD);
      breakers.failedInPart(BAD, now, "a queue is full");
    }

    assertThat(tries).isLessThanOrEqualTo(6 + 40);
  }

  @Test
  void anOutageOfAllOpensNone() {
    destinations.confirmed(GOOD);
    for (int i = 0; i < 100; i++) {
      goOn(PATIENCE);
      fails(0);
      destinations.failed(GOOD, 0, "is full");
    }

    assertThat(destinations.open()).isEmpty();
  }

  @Test
  void isTriedAgainAfterPausesThatDouble() {
    open();
    long pause = 0;
    for (int i = 0; i < 5; i++) {
      long before = pause;
      pause = destinations.millisToNextTry(Long.MAX_VALUE);
      assertThat(pause).isGreaterThan(before);
      assertThat(filter().open()).containsExactly(BAD);

      goOn(Duration.ofMillis(pause));
      assertThat(destinations.isOpen(BAD)).isFalse();
      assertThat(filter().halfOpen()).containsExactly(BAD);
      fails(now);

      assertThat(destinations.isOpen(BAD)).isTrue();
    }
  }

  @Test
  void closesWithTheFirstConfirm() {
    open();

    destinations.confirmed(BAD);

    assertThat(destinations.isOpen(BAD)).isFalse();
    assertThat(filter().passesAll()).isTrue();
    assertThat(changes).isEqualTo(2);
  }

  /** If the breaker stayed closed, events of this destination would fill the read-ahead again. */
  @Test
  void opensAtOnceIfItRefusesMoreThanItAcceptsAfterItClosed() {
    open();
    for (int i = 0; i < 10; i++) {
      goOn(MOST);
      destinations.confirmed(BAD);
      destinations.confirmed(BAD);
      goOn(PATIENCE.minusMillis(1));
      fails(now);
      fails(now);
      assertThat(destinations.isOpen(BAD)).isFalse();

      fails(now);

      assertThat(destinations.isOpen(BAD)).isTrue();
      assertThat(destinations.millisToNextTry(Long.MAX_VALUE))
          .as("pause, however often that happened")
          .isLessThanOrEqualTo(FIRST.toMillis() + 1);
    }
  }

  /** For example a short queue with a fast consumer, which refuses part of each burst. */
  @Test
  void staysClosedIfItAcceptsMoreThanItRefuses() {
    open();
    for (int i = 0; i < 1_000; i++) {
      destinations.confirmed(BAD);
      fails(now);
      goOn(Duration.ofMillis(1));
    }

    assertThat(destinations.isOpen(BAD)).isFalse();
  }

  @Test
  void hasTheWholePatienceAgainAWhileAfterItClosed() {
    open();
    destinations.confirmed(BAD);
    goOn(PATIENCE);

    fails(now);

    assertThat(destinations.isOpen(BAD)).isFalse();
  }

  /** Until then each event costs a look-up. */
  @Test
  void areAllHealthyAgainAWhileAfterTheLastFailure() {
    assertThat(destinations.areAllHealthy()).isTrue();
    fails(now);
    assertThat(destinations.areAllHealthy()).isFalse();
    destinations.confirmed(BAD);
    assertThat(destinations.areAllHealthy()).isFalse();

    goOn(PATIENCE.multipliedBy(2).plusNanos(1));
    destinations.confirmed(GOOD);

    assertThat(destinations.areAllHealthy()).isTrue();

    open();
    destinations.confirmed(BAD);
    assertThat(destinations.areAllHealthy()).isFalse();
    goOn(PATIENCE);
    destinations.confirmed(GOOD);

    assertThat(destinations.areAllHealthy()).isTrue();
  }

  /**
   * The whole read-ahead goes to the failing destination, so that no other one can confirm events.
   */
  @Test
  void opensForAProbeIfOthersWaitBehind() {
    standStill();

    destinations.tryOthers(List.of(BAD, GOOD));

    assertThat(destinations.isOpen(BAD)).isTrue();
    assertThat(destinations.standStill()).as("no second probe meanwhile").isFalse();
    destinations.handedOver(GOOD);
    assertThat(destinations.isOpen(BAD)).as("while the answer is waited for").isFalse();
    destinations.confirmed(GOOD);
    assertThat(destinations.isOpen(BAD)).isTrue();
    assertThat(filter().open()).containsExactly(BAD);
  }

  @Test
  void isNotProbedIfNoOtherWaitsBehind() {
    standStill();

    destinations.tryOthers(List.of(BAD, ""));

    assertThat(destinations.isOpen(BAD)).isFalse();
    assertThat(destinations.standStill()).isTrue();
  }

  @Test
  void standsStillOnlyOnceNothingWasConfirmedForAsLongAsOneFailed() {
    fails(now);
    goOn(PATIENCE.minusMillis(1));
    fails(0);
    assertThat(destinations.standStill()).isFalse();
    destinations.confirmed(BAD);
    goOn(Duration.ofMillis(1));
    fails(0);
    assertThat(destinations.standStill()).isFalse();

    goOn(PATIENCE.minusMillis(1));

    assertThat(destinations.standStill()).isTrue();
  }

  @Test
  void acceptNothingOnceOneHasFailedForLongAndIsStillTried() {
    long since = now;
    fails(since);
    goOn(PATIENCE);
    assertThat(destinations.acceptNothing()).as("it failed once").isFalse();
    fails(since);
    assertThat(destinations.acceptNothing()).isTrue();

    destinations.confirmed(GOOD);
    assertThat(destinations.acceptNothing()).isFalse();
    goOn(PATIENCE);
    assertThat(destinations.acceptNothing()).as("tried a moment ago").isTrue();
    goOn(PATIENCE.plusHours(1));
    assertThat(destinations.acceptNothing()).isFalse();
  }

  /**
   * All destinations are down: deferred events are tried again, and the others wait in the outbox.
   */
  @Test
  void aProbeIsLostIfOthersFailToo() {
    long since = standStill();
    destinations.tryOthers(List.of(GOOD));
    destinations.handedOver(GOOD);
    destinations.failed(GOOD, now, "is away");

    assertThat(destinations.isOpen(BAD)).isFalse();
    assertThat(filter().open()).containsExactly(BAD);
    assertThat(destinations.standStill()).isFalse();
    goOn(Duration.ofMillis(100));
    fails(since);
    assertThat(destinations.isOpen(BAD)).isFalse();

    destinations.confirmed(GOOD);
    assertThat(filter().passesAll()).as("all may be tried").isTrue();
  }

  @Test
  void aLostProbeEndsIfTheSuspectAcceptsEvents() {
    standStill();
    destinations.tryOthers(List.of(GOOD));
    destinations.failed(GOOD, now, "is away");

    destinations.confirmed(BAD);

    assertThat(destinations.open()).isEmpty();
    assertThat(filter().passesAll()).isTrue();
  }

  @Test
  void aRejectedEventIsNoAnswer() {
    standStill();
    destinations.tryOthers(List.of(GOOD));
    destinations.handedOver(GOOD);

    destinations.rejected(GOOD);

    assertThat(destinations.isOpen(BAD)).isTrue();
  }

  /**
   * Two destinations refuse events, each with a burst, and events for a third one wait behind them.
   */
  @Test
  void aLostProbeIsRepeatedAfterTwiceTheTime() {
    long since = standStill();
    destinations.tryOthers(List.of(GOOD));
    long failed = now;
    destinations.failed(GOOD, failed, "is full, too");
    for (int times = 2; times <= 8; times *= 2) {
      goOn(PATIENCE.multipliedBy(times).minusMillis(1));
      fails(since);
      destinations.failed(GOOD, failed, "is full, too");
      assertThat(destinations.standStill()).isFalse();
      goOn(Duration.ofMillis(1));
      assertThat(destinations.standStill()).isTrue();
      String another = "one of " + times;
      destinations.tryOthers(List.of(BAD, GOOD, another));
      assertThat(destinations.isOpen(BAD)).isTrue();
      assertThat(destinations.isOpen(GOOD)).isTrue();
      destinations.failed(another, now, "is away");
      assertThat(destinations.isOpen(BAD)).isFalse();
      assertThat(destinations.isOpen(GOOD)).isFalse();
    }
  }

  private long standStill() {
    long since = now;
    fails(since);
    goOn(PATIENCE);
    fails(since);
    assertThat(destinations.isOpen(BAD)).isFalse();
    assertThat(destinations.standStill()).isTrue();
    return since;
  }

  private void open() {
    long since = now;
    fails(since);
    goOn(PATIENCE);
    destinations.confirmed(GOOD);
    fails(since);
    assertThat(destinations.isOpen(BAD)).isTrue();
  }

  private void fails(long since) {
    destinations.failed(BAD, since, "is full");
  }

  private void goOn(Duration duration) {
    now += duration.toNanos();
  }

  /** The memory must not grow with the number of destinations ever used. */
  @Test
  void healthyDestinationsAreForgotten() {
    for (int i = 0; i < 10_000; i++) {
      destinations.confirmed("to-" + i);
      destinations.failed("to-" + i, now, "is away");
      destinations.confirmed("to-" + i);
      goOn(Duration.ofMillis(100));
    }

    assertThat(destinations.failing()).hasSizeLessThan(100);
    goOn(PATIENCE.multipliedBy(2).plusNanos(1));
    destinations.confirmed(GOOD);
    assertThat(destinations.failing()).isEmpty();
    assertThat(destinations.areAllHealthy()).isTrue();
  }

  /** An operator may have discarded its dead letters, and nothing more may be written for it. */
  @Test
  void aHalfOpenBreakerIsForgottenIfNothingIsLeftToTry() {
    open();
    goOn(MOST);
    for (int minute = 0; minute < 11; minute++) {
      assertThat(filter().halfOpen()).containsExactly(BAD);
      assertThat(destinations.open()).containsKey(BAD);
      goOn(Duration.ofMinutes(1));
    }

    assertThat(filter().passesAll()).isTrue();
    assertThat(destinations.open()).isEmpty();
    assertThat(destinations.areAllHealthy()).isTrue();
    assertThat(changes).isEqualTo(2);
  }

  @Test
  void aHalfOpenBreakerThatIsTriedStaysHoweverLongTheDestinationIsDown() {
    open();
    for (int i = 0; i < 1_000; i++) {
      goOn(MOST);
      filter();
      fails(now);
    }

    assertThat(destinations.open()).containsKey(BAD);
  }

  @Test
  void halfOpenDestinationsTakeTurns() {
    for (int i = 0; i < 40; i++) {
      String destination = "to-" + i;
      destinations.failed(destination, now, "is full");
    }
    long since = now;
    goOn(PATIENCE);
    destinations.confirmed(GOOD);
    for (int i = 0; i < 40; i++) {
      destinations.failed("to-" + i, since, "is full");
    }
    goOn(MOST);

    var tried = new HashSet<String>();
    for (int turn = 0; turn < 3; turn++) {
      var filter = filter();
      assertThat(filter.halfOpen()).hasSize(16);
      assertThat(filter.open()).hasSize(24).doesNotContainAnyElementsOf(filter.halfOpen());
      tried.addAll(filter.halfOpen());
    }
    assertThat(tried).hasSize(40);
  }

  private DestinationFilter filter() {
    return destinations.filter(destination -> true, List.of());
  }
}

package io.outboxrelay.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
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
  void isClosedOnceOneEventHasFailedForLongWhileOthersAreConfirmed() {
    fails(0);
    goOn(Duration.ofMillis(1));
    destinations.confirmed(GOOD);
    goOn(PATIENCE.minusMillis(2));
    fails(0);
    assertThat(destinations.isClosed(BAD)).isFalse();

    goOn(Duration.ofMillis(1));
    fails(0);

    assertThat(destinations.isClosed(BAD)).isTrue();
    assertThat(destinations.closed()).containsEntry(BAD, "is full");
    assertThat(destinations.isClosed(GOOD)).isFalse();
    assertThat(changes).isOne();
  }

  /** A full queue that somebody empties: each event that it takes says nothing of the next. */
  @Test
  void isClosedThoughItTakesOneNowAndThen() {
    fails(0);
    destinations.confirmed(GOOD);
    for (int i = 1; i <= 20; i++) {
      goOn(Duration.ofMillis(99));
      destinations.confirmed(BAD);
      destinations.confirmed(GOOD);
      fails(0);
      assertThat(destinations.isClosed(BAD)).isFalse();
    }
    goOn(Duration.ofMillis(20));

    fails(0);

    assertThat(destinations.isClosed(BAD)).isTrue();
  }

  /** The window may be full of events that fail, so that others have nothing to confirm. */
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
    assertThat(destinations.isClosed(BAD)).isFalse();

    fails(0);

    assertThat(destinations.isClosed(BAD)).isTrue();
  }

  @Test
  void eventsThatFailForAMomentCloseNothing() {
    for (int i = 0; i < 1_000; i++) {
      fails(now);
      goOn(PATIENCE.dividedBy(2));
      fails(now - PATIENCE.dividedBy(2).toNanos());
      destinations.confirmed(BAD);
      destinations.confirmed(GOOD);
    }

    assertThat(destinations.closed()).isEmpty();
    assertThat(changes).isZero();
  }

  @Test
  void anOutageOfAllClosesNone() {
    destinations.confirmed(GOOD);
    for (int i = 0; i < 100; i++) {
      goOn(PATIENCE);
      fails(0);
      destinations.failed(GOOD, 0, "is full");
    }

    assertThat(destinations.closed()).isEmpty();
  }

  @Test
  void isTriedAgainAfterPausesThatDouble() {
    close();
    long pause = 0;
    for (int i = 0; i < 5; i++) {
      long before = pause;
      pause = destinations.millisToNextTry(Long.MAX_VALUE);
      assertThat(pause).isGreaterThan(before);
      assertThat(destinations.barriers().closed()).containsExactly(BAD);

      goOn(Duration.ofMillis(pause));
      assertThat(destinations.isClosed(BAD)).isFalse();
      assertThat(destinations.barriers().halfOpen()).containsExactly(BAD);
      fails(now);

      assertThat(destinations.isClosed(BAD)).isTrue();
    }
  }

  @Test
  void opensWithTheFirstConfirm() {
    close();

    destinations.confirmed(BAD);

    assertThat(destinations.isClosed(BAD)).isFalse();
    assertThat(destinations.barriers().areNone()).isTrue();
    assertThat(changes).isEqualTo(2);
  }

  /** Or its events would fill what is read ahead over and over again. */
  @Test
  void isClosedAtOnceWhereItRefusesMoreThanItTakesAfterItOpened() {
    close();
    for (int i = 0; i < 10; i++) {
      goOn(MOST);
      destinations.confirmed(BAD);
      destinations.confirmed(BAD);
      goOn(PATIENCE.minusMillis(1));
      fails(now);
      fails(now);
      assertThat(destinations.isClosed(BAD)).isFalse();

      fails(now);

      assertThat(destinations.isClosed(BAD)).isTrue();
      assertThat(destinations.millisToNextTry(Long.MAX_VALUE))
          .as("pause, however often that happened")
          .isLessThanOrEqualTo(FIRST.toMillis() + 1);
    }
  }

  /** A short queue with a consumer that is fast refuses what comes in a burst. */
  @Test
  void staysOpenWhereItTakesMoreThanItRefuses() {
    close();
    for (int i = 0; i < 1_000; i++) {
      destinations.confirmed(BAD);
      fails(now);
      goOn(Duration.ofMillis(1));
    }

    assertThat(destinations.isClosed(BAD)).isFalse();
  }

  @Test
  void getsAllPatienceAgainAWhileAfterItOpened() {
    close();
    destinations.confirmed(BAD);
    goOn(PATIENCE);

    fails(now);

    assertThat(destinations.isClosed(BAD)).isFalse();
  }

  /** Asking costs something for each event. */
  @Test
  void isQuietAgainAWhileAfterTheLastFailure() {
    assertThat(destinations.isQuiet()).isTrue();
    fails(now);
    assertThat(destinations.isQuiet()).isFalse();
    destinations.confirmed(BAD);
    assertThat(destinations.isQuiet()).isFalse();

    goOn(PATIENCE.multipliedBy(2).plusNanos(1));
    destinations.confirmed(GOOD);

    assertThat(destinations.isQuiet()).isTrue();

    close();
    destinations.confirmed(BAD);
    assertThat(destinations.isQuiet()).isFalse();
    goOn(PATIENCE);
    destinations.confirmed(GOOD);

    assertThat(destinations.isQuiet()).isTrue();
  }

  /** All that is read ahead goes to it, so nobody can confirm anything. */
  @Test
  void isClosedOnTrialWhereOthersWaitBehind() {
    standStill();

    destinations.tryOthers(List.of(BAD, GOOD));

    assertThat(destinations.isClosed(BAD)).isTrue();
    assertThat(destinations.standStill()).as("no second trial meanwhile").isFalse();
    destinations.handedOver(GOOD);
    assertThat(destinations.isClosed(BAD)).as("while the answer is waited for").isFalse();
    destinations.confirmed(GOOD);
    assertThat(destinations.isClosed(BAD)).isTrue();
    assertThat(destinations.barriers().closed()).containsExactly(BAD);
  }

  @Test
  void isNotTriedWhereNobodyElseWaitsBehind() {
    standStill();

    destinations.tryOthers(List.of(BAD, ""));

    assertThat(destinations.isClosed(BAD)).isFalse();
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
  void takesNothingOnceOneHasFailedForLongAndIsStillTried() {
    long since = now;
    fails(since);
    goOn(PATIENCE);
    assertThat(destinations.takeNothing()).as("it failed once").isFalse();
    fails(since);
    assertThat(destinations.takeNothing()).isTrue();

    destinations.confirmed(GOOD);
    assertThat(destinations.takeNothing()).isFalse();
    goOn(PATIENCE);
    assertThat(destinations.takeNothing()).as("tried a moment ago").isTrue();
    goOn(PATIENCE.plusHours(1));
    assertThat(destinations.takeNothing()).isFalse();
  }

  /**
   * An outage of everything: what is held back of it is tried, and the rest waits in the stream.
   */
  @Test
  void aTrialIsLostWhenOthersFailToo() {
    long since = standStill();
    destinations.tryOthers(List.of(GOOD));
    destinations.handedOver(GOOD);
    destinations.failed(GOOD, now, "is away");

    assertThat(destinations.isClosed(BAD)).isFalse();
    assertThat(destinations.barriers().closed()).containsExactly(BAD);
    assertThat(destinations.standStill()).isFalse();
    goOn(Duration.ofMillis(100));
    fails(since);
    assertThat(destinations.isClosed(BAD)).isFalse();

    destinations.confirmed(GOOD);
    assertThat(destinations.barriers().areNone()).as("all may be tried").isTrue();
  }

  @Test
  void aLostTrialIsOverWhenItTakesEventsItself() {
    standStill();
    destinations.tryOthers(List.of(GOOD));
    destinations.failed(GOOD, now, "is away");

    destinations.confirmed(BAD);

    assertThat(destinations.closed()).isEmpty();
    assertThat(destinations.barriers().areNone()).isTrue();
  }

  @Test
  void aRejectedEventIsNoAnswer() {
    standStill();
    destinations.tryOthers(List.of(GOOD));
    destinations.handedOver(GOOD);

    destinations.rejected(GOOD);

    assertThat(destinations.isClosed(BAD)).isTrue();
  }

  /** Two that refuse, each with a burst, and a third behind them. */
  @Test
  void aLostTrialIsRepeatedAfterTwiceTheTime() {
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
      assertThat(destinations.isClosed(BAD)).isTrue();
      assertThat(destinations.isClosed(GOOD)).isTrue();
      destinations.failed(another, now, "is away");
      assertThat(destinations.isClosed(BAD)).isFalse();
      assertThat(destinations.isClosed(GOOD)).isFalse();
    }
  }

  private long standStill() {
    long since = now;
    fails(since);
    goOn(PATIENCE);
    fails(since);
    assertThat(destinations.isClosed(BAD)).isFalse();
    assertThat(destinations.standStill()).isTrue();
    return since;
  }

  private void close() {
    long since = now;
    fails(since);
    goOn(PATIENCE);
    destinations.confirmed(GOOD);
    fails(since);
    assertThat(destinations.isClosed(BAD)).isTrue();
  }

  private void fails(long since) {
    destinations.failed(BAD, since, "is full");
  }

  private void goOn(Duration duration) {
    now += duration.toNanos();
  }
}

package io.outboxrelay.doorbell;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.settings.Settings;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LookScheduleTest {
  private static final long MILLI = 1_000_000;

  private long now = 1_000 * MILLI;
  private LookSchedule schedule = new LookSchedule(config(Map.of()), now);

  @Test
  void aRingIsAnsweredAtOnceAtALowRate() {
    foundEvery(Duration.ofMillis(10), 1, 100);

    assertThat(schedule.isBusy(now)).isFalse();
    assertThat(schedule.next(now, true).soonest()).isZero();
  }

  @Test
  void itLooksByItselfAtAHigherRate() {
    foundEvery(Duration.ofMillis(3), 2, 300);

    assertThat(schedule.isBusy(now)).isTrue();
    assertThat(schedule.next(now, true)).isEqualTo(due(3, 3));
  }

  @Test
  void fewCommitsASecondAreEnoughIfTheTargetIsLong() {
    schedule = new LookSchedule(config(Map.of("latency-target", "100ms")), now);
    foundEvery(Duration.ofMillis(100), 1, 20);

    assertThat(schedule.next(now, true)).isEqualTo(due(100, 100));
  }

  @Test
  void ringsAreBoundedIfTheTargetIsShort() {
    schedule = new LookSchedule(config(Map.of("latency-target", "1ms")), now);
    foundEvery(Duration.ofMillis(4), 1, 300);

    assertThat(schedule.next(now, true)).isEqualTo(due(1, 1));
  }

  @Test
  void aRateBetweenTheTwoBoundsChangesNothing() {
    foundEvery(Duration.ofNanos(6 * MILLI), 1, 300);
    assertThat(schedule.isBusy(now)).isFalse();
    foundEvery(Duration.ofMillis(2), 1, 300);
    assertThat(schedule.isBusy(now)).isTrue();

    foundEvery(Duration.ofNanos(6 * MILLI), 1, 300);

    assertThat(schedule.isBusy(now)).isTrue();
  }

  @Test
  void aFullMachineIsAskedLessOften() {
    foundAtAndAnswered(8_000, 300);
    assertThat(interval()).isEqualTo(Duration.ofMillis(3));

    foundAtAndAnswered(8_000, 1_500);

    assertThat(interval()).isBetween(Duration.ofMillis(10), Duration.ofMillis(20));
  }

  @Test
  void andNeverMoreRarelyThanTheLimit() {
    foundAtAndAnswered(8_000, 300);
    foundAtAndAnswered(8_000, 90_000);

    assertThat(interval()).isEqualTo(Duration.ofMillis(40));
  }

  @Test
  void looksThatFindFewEventsAreNotMadeRarer() {
    foundAtAndAnswered(2_000, 300);
    foundAtAndAnswered(2_000, 4_000);

    assertThat(interval()).isEqualTo(Duration.ofMillis(3));
  }

  @Test
  void anOutboxWithoutEventsIsAskedMoreAndMoreRarely() {
    schedule.found(1, now);

    assertThat(schedule.next(now, true).latest()).isEqualTo(100 * MILLI);
    assertThat(schedule.next(now + 700 * MILLI, true).latest()).isEqualTo(700 * MILLI);
    assertThat(schedule.next(now + 60_000 * MILLI, true).latest()).isEqualTo(5_000 * MILLI);
  }

  @Test
  void itPollsWhileNoRingIsHeard() {
    assertThat(schedule.next(now + 60_000 * MILLI, false).latest()).isEqualTo(100 * MILLI);
  }

  @Test
  void aRingWithoutAnEventBoundsTheNextOne() {
    schedule.found(0, now);
    assertThat(schedule.next(now, true).soonest()).isEqualTo(3 * MILLI);

    schedule.found(1, now);
    assertThat(schedule.next(now, true).soonest()).isZero();
  }

  private void foundAtAndAnswered(int rate, long micros) {
    for (int i = 0; i < 200; i++) {
      now += 3 * MILLI;
      schedule.answeredAfter(micros * 1_000);
      schedule.found(rate * 3 / 1_000, now);
    }
  }

  private void foundEvery(Duration gap, int transactions, int times) {
    for (int i = 0; i < times; i++) {
      now += gap.toNanos();
      schedule.found(transactions, now);
      schedule.isBusy(now);
    }
  }

  private Duration interval() {
    return Duration.ofNanos(schedule.next(now, true).latest());
  }

  private static LookSchedule.Wait due(long soonestMillis, long latestMillis) {
    return new LookSchedule.Wait(soonestMillis * MILLI, latestMillis * MILLI);
  }

  static DoorbellConfig config(Map<String, Object> values) {
    return DoorbellConfig.from(Settings.of("relay.yaml", values));
  }
}

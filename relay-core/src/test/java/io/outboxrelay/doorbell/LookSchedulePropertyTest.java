package io.outboxrelay.doorbell;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bounds that a schedule keeps for random arrivals. */
class LookSchedulePropertyTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final long TARGET = 3 * MILLI;

  /** The time that a ring or the look under way takes, which no schedule can avoid. */
  private static final long UNAVOIDABLE = 600_000;

  private final Random random = new Random(16);

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 50, 100, 160, 200, 250, 500, 2_000, 5_000})
  void anEventWaitsForNoLongerThanTheTarget(int rate) {
    for (int run = 0; run < 20; run++) {
      var reader = reader(arrivals(rate, 10 * SECOND)).until(10 * SECOND);

      assertThat(reader.longestWait()).isLessThan(TARGET + UNAVOIDABLE);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 20, 50, 100, 160, 200, 250, 500, 2_000, 5_000, 50_000})
  void looksAreBoundedByTheTargetAndByTheRate(int rate) {
    var reader = reader(arrivals(rate, 10 * SECOND)).until(10 * SECOND);

    double perSecond = reader.looks() / 10.0;
    assertThat(perSecond).isLessThan(1.05 * SECOND / TARGET);
    if (rate <= 100) {
      assertThat(perSecond).isLessThan(1.2 * rate + 10);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 2_000, 5_000})
  void writersDoNotRingAtAHighRate(int rate) {
    var arrivals = arrivals(rate, 10 * SECOND);

    assertThat(reader(arrivals).until(10 * SECOND).ringsSent()).isLessThan(100);
  }

  @Test
  void aBurstIsForgottenInTwoSeconds() {
    var reader = reader(arrivals(10_000, SECOND)).until(20 * SECOND);

    assertThat(reader.isAwake()).isFalse();
    assertThat(reader.looks(3 * SECOND, 4 * SECOND)).isLessThan(3);
  }

  @Test
  void ratesThatChangeKeepTheBound() {
    for (int run = 0; run < 50; run++) {
      var arrivals = LongStream.builder();
      long from = 0;
      for (int part = 0; part < 10; part++) {
        long length = (long) (random.nextDouble() * SECOND);
        int rate = (int) Math.exp(random.nextDouble() * 9);
        long start = from;
        LongStream.of(arrivals(rate, length)).forEach(at -> arrivals.add(start + at));
        from += length;
      }
      var reader = reader(arrivals.build().toArray()).until(from + SECOND);

      assertThat(reader.longestWait()).isLessThan(TARGET + UNAVOIDABLE);
    }
  }

  /**
   * The silence counts as at least the polling interval and at most the fallback interval. If the
   * rings of several events are lost, all of them wait for the look that finds the first.
   */
  @Test
  void aLostRingDelaysAnEventByNoMoreThanTheSilenceBefore() {
    for (int run = 0; run < 50; run++) {
      var commits = arrivals(1 + random.nextInt(40), 30 * SECOND);
      var lost = new Random(run);
      var reader =
          reader(commits).losesRings(at -> lost.nextInt(3) == 0).until(commits[0] + 60 * SECOND);

      long before = 0;
      long bound = 0;
      for (int i = 0; i < commits.length; i++) {
        long silence = commits[i] - before;
        bound = Math.max(bound - silence, Math.max(100 * MILLI, Math.min(5 * SECOND, silence)));
        assertThat(reader.waits().get(i)).isLessThan(bound + TARGET + UNAVOIDABLE);
        before = commits[i];
      }
    }
  }

  @Test
  void anIdleOutboxIsAskedByTheFallbackOnly() {
    var reader = reader().until(600 * SECOND);

    assertThat(reader.looks(60 * SECOND, 600 * SECOND)).isBetween(107L, 108L);
  }

  @Test
  void ringsWithoutEventsCauseNoMoreLooksThanTheTarget() {
    var reader =
        reader().falselyRungAt(LongStream.range(0, 20_000).map(i -> i * 100_000).toArray());

    assertThat(reader.until(2 * SECOND).looks() / 2.0).isLessThan(1.05 * SECOND / TARGET);
  }

  /** On a fully used machine, the database answers late. */
  @Test
  void aFullMachineIsAskedLessOftenAndWithinTheLimit() {
    var reader =
        reader(arrivals(8_000, 10 * SECOND))
            .answersAfter(at -> at < SECOND ? 300_000 : 1_500_000 + random.nextInt(2_000_000))
            .until(10 * SECOND);

    assertThat(reader.looks(5 * SECOND, 10 * SECOND) / 5).isBetween(25L, 70L);
    assertThat(reader.longestWait()).isLessThan(40 * MILLI + 4 * MILLI);
  }

  private static SimulatedReader reader(long... commits) {
    return new SimulatedReader(new LookSchedule(LookScheduleTest.config(Map.of()), 0), commits);
  }

  /** Returns the times of random and independent commits. */
  private long[] arrivals(int rate, long until) {
    var times = LongStream.builder();
    double at = 0;
    while (rate > 0) {
      at += -Math.log(1 - random.nextDouble()) * SECOND / rate;
      if (at >= until) {
        break;
      }
      times.add((long) at);
    }
    return times.build().toArray();
  }
}

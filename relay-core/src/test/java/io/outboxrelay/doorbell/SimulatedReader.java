package io.outboxrelay.doorbell;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;

/** Simulates commits, rings and a reader that looks as a {@link LookSchedule} says. */
final class SimulatedReader {
  private static final long RING_TAKES = 200_000;

  private final LookSchedule schedule;
  private final long[] commits;
  private final List<Long> waits = new ArrayList<>();
  private final List<Long> looks = new ArrayList<>();
  private final List<Long> rings = new ArrayList<>();
  private LongUnaryOperator answerTime = at -> 300_000;
  private LongPredicate isLost = at -> false;
  private long[] falseRings = {};
  private long ringsSent;
  private boolean isAwake;

  /**
   * @param commits when each transaction commits, in ascending order
   */
  SimulatedReader(LookSchedule schedule, long... commits) {
    this.schedule = schedule;
    this.commits = commits;
  }

  SimulatedReader answersAfter(LongUnaryOperator nanos) {
    answerTime = nanos;
    return this;
  }

  SimulatedReader losesRings(LongPredicate lost) {
    isLost = lost;
    return this;
  }

  /** Rings at these times although nothing is committed. */
  SimulatedReader falselyRungAt(long... times) {
    falseRings = times;
    return this;
  }

  /** Runs from time 0 until {@code end}. */
  SimulatedReader until(long end) {
    for (long ring : falseRings) {
      rings.add(ring);
    }
    long now = 0;
    int next = 0;
    int told = 0;
    while (now < end) {
      long began = now;
      long takes = answerTime.applyAsLong(began);
      looks.add(began);
      now += takes;
      int found = 0;
      for (; next < commits.length && commits[next] <= began + takes / 2; next++, found++) {
        waits.add(Math.max(0, began - commits[next]));
      }
      schedule.answeredAfter(takes);
      schedule.found(found, now);
      var wait = schedule.next(now, true);
      boolean wasAwake = isAwake;
      isAwake = schedule.isBusy(now);
      if (wasAwake && !isAwake) {
        // The reader looks once more after it has released the lock of the doorbell.
        continue;
      }
      long soonest = began + wait.soonest();
      long look = Math.min(began + wait.latest(), Math.max(firstRing(began), soonest));
      for (; told < commits.length && commits[told] <= Math.max(now, look); told++) {
        if (!isAwake) {
          ringsSent++;
          if (!isLost.test(commits[told])) {
            rings.add(commits[told] + RING_TAKES);
            look = Math.min(look, Math.max(commits[told] + RING_TAKES, soonest));
          }
        }
      }
      now = Math.max(now, look);
    }
    return this;
  }

  private long firstRing(long after) {
    rings.removeIf(ring -> ring <= after);
    return rings.stream().mapToLong(ring -> ring).min().orElse(Long.MAX_VALUE);
  }

  /** Returns the longest time from a commit to the look that finds it. */
  long longestWait() {
    return waits.stream().mapToLong(wait -> wait).max().orElse(0);
  }

  /** Returns each transaction's time from its commit to the look that finds it. */
  List<Long> waits() {
    return waits;
  }

  int looks() {
    return looks.size();
  }

  /** Returns the number of looks that began from {@code from} until {@code to}. */
  long looks(long from, long to) {
    return looks.stream().filter(at -> at >= from && at < to).count();
  }

  /** Returns the number of commits that sent a ring, including the rings that were lost. */
  long ringsSent() {
    return ringsSent;
  }

  boolean isAwake() {
    return isAwake;
  }
}

package io.outboxrelay.health;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A problem that exists now.
 *
 * @param what a sentence about the problem, without its full stop
 * @param sinceNanos the {@link System#nanoTime} when the problem began
 */
public record OngoingProblem(String what, long sinceNanos) {
  /** Returns how long the problem has lasted. */
  public Duration age() {
    return Duration.ofNanos(Math.max(0, System.nanoTime() - sinceNanos));
  }

  /** Returns the problem with the time that it has lasted up to now. */
  public Observed observed() {
    return new Observed(what, age());
  }

  /**
   * An ongoing problem as it was observed at one moment, possibly by another relay. Its age does
   * not grow.
   *
   * @param what a sentence about the problem, without its full stop
   * @param age how long the problem had lasted at that moment
   */
  public record Observed(String what, Duration age) {}

  /**
   * Returns a problem with the description {@code what}. If {@code before} is null, the problem
   * begins now; otherwise it began when {@code before} began.
   */
  public static OngoingProblem goOn(@Nullable OngoingProblem before, String what) {
    return new OngoingProblem(what, before == null ? System.nanoTime() : before.sinceNanos);
  }
}

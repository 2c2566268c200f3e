package io.outboxrelay.metrics;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Something that goes wrong now.
 *
 * @param what a sentence without its full stop
 * @param sinceNanos the {@link System#nanoTime} when it began
 */
public record OngoingProblem(String what, long sinceNanos) {
  /** For how long it has gone wrong. */
  public Duration age() {
    return Duration.ofNanos(Math.max(0, System.nanoTime() - sinceNanos));
  }

  /** The same, or a new one that begins now, in the latest words. */
  public static OngoingProblem goOn(@Nullable OngoingProblem before, String what) {
    return new OngoingProblem(what, before == null ? System.nanoTime() : before.sinceNanos);
  }
}

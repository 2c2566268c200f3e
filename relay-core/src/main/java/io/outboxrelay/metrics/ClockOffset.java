package io.outboxrelay.metrics;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;

/**
 * Converts times of this process to the database's clock, so that the creation time of an event can
 * be compared with the time of its confirm. The wall clock of this machine is not used.
 *
 * <p>The database read its clock at some moment between a query and its answer, most likely in the
 * middle. The clock keeps the last few queries and uses the one with the shortest round trip,
 * because the error is at most half of the round trip.
 */
public final class ClockOffset {
  private static final int REMEMBERED = 8;

  private final Deque<Sample> samples = new ArrayDeque<>();
  private volatile long offsetMicros = Long.MIN_VALUE;
  private volatile long uncertaintyMicros;

  private record Sample(long offsetMicros, long roundTripMicros) {}

  /**
   * Records an answer.
   *
   * @param askedNanos the {@link System#nanoTime} when the query was sent
   * @param answeredNanos the {@link System#nanoTime} when the answer came
   * @param databaseMicros the time of the database's clock, in microseconds since 1970
   */
  public synchronized void sample(long askedNanos, long answeredNanos, long databaseMicros) {
    long roundTrip = (answeredNanos - askedNanos) / 1000;
    samples.addLast(new Sample(databaseMicros - middle(askedNanos, answeredNanos), roundTrip));
    if (samples.size() > REMEMBERED) {
      samples.removeFirst();
    }
    var best =
        samples.stream().min(Comparator.comparingLong(Sample::roundTripMicros)).orElseThrow();
    offsetMicros = best.offsetMicros;
    uncertaintyMicros = best.roundTripMicros / 2;
  }

  private static long middle(long askedNanos, long answeredNanos) {
    return (askedNanos + (answeredNanos - askedNanos) / 2) / 1000;
  }

  /** Returns true if at least one answer was recorded. */
  boolean isKnown() {
    return offsetMicros != Long.MIN_VALUE;
  }

  /**
   * Returns the database's time, in microseconds since 1970, at the moment {@code nanos} of {@link
   * System#nanoTime}.
   */
  long databaseMicros(long nanos) {
    return nanos / 1000 + offsetMicros;
  }

  /** Returns the largest possible error of {@link #databaseMicros}, in microseconds. */
  long uncertaintyMicros() {
    return uncertaintyMicros;
  }
}

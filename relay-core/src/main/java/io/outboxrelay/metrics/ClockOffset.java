package io.outboxrelay.metrics;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;

/**
 * What the database's clock shows at a moment of this process, so that an event's time, which is
 * the database's, can be compared with when it was confirmed here. This machine's wall clock plays
 * no part.
 *
 * <p>The answer to a question shows the database's time somewhere between the question and the
 * answer, most likely in the middle. Of the last few the quickest is believed: it is wrong by half
 * its time at most.
 */
public final class ClockOffset {
  private static final int REMEMBERED = 8;

  private final Deque<Sample> samples = new ArrayDeque<>();
  private volatile long offsetMicros = Long.MIN_VALUE;
  private volatile long uncertaintyMicros;

  private record Sample(long offsetMicros, long roundTripMicros) {}

  /**
   * Takes an answer into account.
   *
   * @param askedNanos the {@link System#nanoTime} when the question was sent
   * @param answeredNanos the same when the answer came
   * @param databaseMicros what the database's clock showed, since 1970
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

  /** Whether there was an answer at all. */
  boolean isKnown() {
    return offsetMicros != Long.MIN_VALUE;
  }

  /** The database's time, in microseconds since 1970, at a {@link System#nanoTime}. */
  long databaseMicros(long nanos) {
    return nanos / 1000 + offsetMicros;
  }

  /** By how much that may be wrong. */
  long uncertaintyMicros() {
    return uncertaintyMicros;
  }
}

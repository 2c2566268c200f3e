package io.outboxrelay.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Records durations in buckets. One thread writes, without locks and without allocating; any thread
 * may read.
 *
 * <p>Micrometer's timers also keep a decaying maximum and count for many threads at once, which
 * costs several times as much; see RATIONALE.md.
 */
final class LatencyRecorder {
  /**
   * The upper bounds of the buckets in microseconds, from half a millisecond to two hours, because
   * an outage can cause latencies of hours.
   */
  private static final long[] BOUNDS = {
    500,
    1_000,
    2_500,
    5_000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    30_000_000,
    60_000_000,
    300_000_000,
    1_800_000_000,
    7_200_000_000L
  };

  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] counts = new long[BOUNDS.length + 1];
  private final SingleWriterCounter sum = new SingleWriterCounter();

  void record(long micros) {
    int bucket = 0;
    while (bucket < BOUNDS.length && micros > BOUNDS[bucket]) {
      bucket++;
    }
    ELEMENT.setOpaque(counts, bucket, counts[bucket] + 1);
    sum.add(micros);
  }

  /** Returns the counts of all buckets; the last bucket has no upper bound. */
  LatencyHistogram histogram() {
    var copy = new long[counts.length];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = (long) ELEMENT.getOpaque(counts, i);
    }
    return new LatencyHistogram(copy, sum.value() / 1e6);
  }

  static int buckets() {
    return BOUNDS.length + 1;
  }

  /** Returns the upper bound of a bucket in seconds. */
  static double bound(int bucket) {
    return bucket < BOUNDS.length ? BOUNDS[bucket] / 1e6 : Double.POSITIVE_INFINITY;
  }
}

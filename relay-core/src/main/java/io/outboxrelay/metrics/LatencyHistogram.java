package io.outboxrelay.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How long many things took, in buckets.
 *
 * @param counts how many are in each bucket of {@link LatencyRecorder}
 * @param sum of all of them, in seconds
 */
@SuppressWarnings("ArrayRecordComponent") // made here and not handed out to be changed
public record LatencyHistogram(long[] counts, double sum) {
  static LatencyHistogram sum(List<LatencyHistogram> all) {
    var counts = new long[LatencyRecorder.buckets()];
    double sum = 0;
    for (var one : all) {
      Arrays.setAll(counts, i -> counts[i] + one.counts[i]);
      sum += one.sum;
    }
    return new LatencyHistogram(counts, sum);
  }

  /** What has come since an {@code earlier} one. */
  public LatencyHistogram since(LatencyHistogram earlier) {
    var difference = new long[counts.length];
    Arrays.setAll(difference, i -> counts[i] - earlier.counts[i]);
    return new LatencyHistogram(difference, sum - earlier.sum);
  }

  /** Both together. */
  public LatencyHistogram plus(LatencyHistogram other) {
    return sum(List.of(this, other));
  }

  /** How many there are. */
  public long count() {
    return Arrays.stream(counts).sum();
  }

  /**
   * In how many seconds the share {@code quantile} of them was over, as far as the buckets tell:
   * evenly spread within each. Empty where there are none; the last bound where it is beyond.
   */
  public OptionalDouble quantile(double quantile) {
    long count = count();
    if (count == 0) {
      return OptionalDouble.empty();
    }
    double rank = quantile * count;
    double below = 0;
    for (int i = 0; i < counts.length - 1; i++) {
      if (counts[i] > 0 && below + counts[i] >= rank) {
        double from = i == 0 ? 0 : LatencyRecorder.bound(i - 1);
        return OptionalDouble.of(
            from + (LatencyRecorder.bound(i) - from) * Math.max(0, rank - below) / counts[i]);
      }
      below += counts[i];
    }
    return OptionalDouble.of(LatencyRecorder.bound(counts.length - 2));
  }
}

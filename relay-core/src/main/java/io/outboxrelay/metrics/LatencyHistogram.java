package io.outboxrelay.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A distribution of durations in buckets.
 *
 * @param counts the number of durations in each bucket of {@link LatencyRecorder}
 * @param sum the sum of all durations, in seconds
 */
@SuppressWarnings("ArrayRecordComponent") // made here and not modified after it was handed out
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

  /** Returns the durations recorded since an {@code earlier} histogram. */
  public LatencyHistogram since(LatencyHistogram earlier) {
    var difference = new long[counts.length];
    Arrays.setAll(difference, i -> counts[i] - earlier.counts[i]);
    return new LatencyHistogram(difference, sum - earlier.sum);
  }

  /** Returns the sum of both histograms. */
  public LatencyHistogram plus(LatencyHistogram other) {
    return sum(List.of(this, other));
  }

  /** Returns the number of durations. */
  public long count() {
    return Arrays.stream(counts).sum();
  }

  /**
   * Returns the duration in seconds that the share {@code quantile} of the durations does not
   * exceed. It is interpolated, as if the durations were spread evenly within each bucket. If the
   * result lies in the last bucket, which has no upper bound, returns the lower bound of that
   * bucket. Empty if there are no durations.
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

package io.outboxrelay.admin;

import io.outboxrelay.metrics.LatencyHistogram;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The measurements of one interval.
 *
 * @param at the end of the interval
 * @param seconds the length of the interval
 * @param counts the events of the interval
 * @param backlog the waiting events; null if the database did not answer
 * @param latency the latencies of the confirmed events
 */
record MetricsSample(
    Instant at,
    double seconds,
    EventCounts counts,
    @Nullable Backlog backlog,
    LatencyHistogram latency,
    long inFlight) {

  /**
   * Combines two consecutive intervals into one. Counts are added. Of a level, such as the number
   * of waiting events, the higher value is kept.
   */
  MetricsSample plus(MetricsSample later) {
    return new MetricsSample(
        later.at,
        seconds + later.seconds,
        counts.plus(later.counts),
        Backlog.higher(backlog, later.backlog),
        latency.plus(later.latency),
        Math.max(inFlight, later.inFlight));
  }

  /** Returns the sample in the form in which it is kept. */
  StoredSample toStored() {
    return new StoredSample(
        at,
        (int) Math.max(1, Math.round(seconds)),
        counts.per(Math.max(0.001, seconds)),
        backlog,
        quantiles(),
        inFlight);
  }

  private StoredSample.@Nullable Latency quantiles() {
    var median = latency.quantile(0.5);
    var high = latency.quantile(0.99);
    return median.isPresent() && high.isPresent()
        ? new StoredSample.Latency(median.getAsDouble() * 1000, high.getAsDouble() * 1000)
        : null;
  }
}

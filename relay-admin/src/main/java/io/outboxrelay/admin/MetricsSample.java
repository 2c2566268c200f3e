package io.outboxrelay.admin;

import io.outboxrelay.metrics.LatencyHistogram;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The measurements of one interval.
 *
 * @param at the end of the interval
 * @param seconds the length of the interval
 * @param waiting the highest number of waiting events; null if the database did not answer
 * @param oldestSeconds the age of the oldest waiting event, 0 if none waits; null if the database
 *     did not answer
 * @param latency the latencies of the confirmed events
 */
record MetricsSample(
    Instant at,
    double seconds,
    long attempted,
    long confirmed,
    long rejected,
    @Nullable Long waiting,
    @Nullable Double oldestSeconds,
    LatencyHistogram latency,
    long inFlight) {

  /**
   * Returns both intervals as one: counts are added, and of levels, such as the waiting events, the
   * higher one is kept.
   */
  MetricsSample plus(MetricsSample later) {
    return new MetricsSample(
        later.at,
        seconds + later.seconds,
        attempted + later.attempted,
        confirmed + later.confirmed,
        rejected + later.rejected,
        larger(waiting, later.waiting),
        larger(oldestSeconds, later.oldestSeconds),
        latency.plus(later.latency),
        Math.max(inFlight, later.inFlight));
  }

  private static <T extends Comparable<T>> @Nullable T larger(@Nullable T one, @Nullable T other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.compareTo(other) < 0 ? other : one;
  }

  /** Returns the sample in the form of the API, without the buckets of the histogram. */
  Told told() {
    double span = Math.max(0.001, seconds);
    return new Told(
        at,
        (int) Math.max(1, Math.round(seconds)),
        attempted / span,
        confirmed / span,
        rejected / span,
        waiting,
        oldestSeconds,
        millis(0.5),
        millis(0.99),
        inFlight);
  }

  /** Returns the quantile in milliseconds; null if no event was confirmed. */
  private @Nullable Double millis(double quantile) {
    var found = latency.quantile(quantile);
    return found.isPresent() ? found.getAsDouble() * 1000 : null;
  }

  /** The form in which samples are kept, about 150 bytes each. Rates are per second. */
  record Told(
      Instant at,
      int seconds,
      double attempted,
      double confirmed,
      double rejected,
      @Nullable Long waiting,
      @Nullable Double oldestSeconds,
      @Nullable Double p50Millis,
      @Nullable Double p99Millis,
      long inFlight) {

    JsonObject toJson() {
      return new JsonObject()
          .put("at", at.toString())
          .put("seconds", seconds)
          .put("attempted", attempted)
          .put("published", confirmed)
          .put("confirmed", confirmed)
          .put("rejected", rejected)
          .put("waiting", waiting)
          .put("oldestSeconds", oldestSeconds)
          .put("p50Millis", p50Millis)
          .put("p99Millis", p99Millis)
          .put("inFlight", inFlight);
    }
  }
}

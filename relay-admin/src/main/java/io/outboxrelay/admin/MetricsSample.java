package io.outboxrelay.admin;

import io.outboxrelay.metrics.LatencyHistogram;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the relay did in one step of time.
 *
 * @param at the end of the step
 * @param seconds how long it was
 * @param waiting the most that waited; null if the database did not answer
 * @param oldestSeconds the age of the oldest event that waited, 0 if none did; null if unknown
 * @param latency of the events that were confirmed
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

  /** Both together: counts are added, of what is a level the higher one is kept. */
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

  /** The sample as the API tells it, without the buckets that it was computed from. */
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

  /** Null if nothing was confirmed. */
  private @Nullable Double millis(double quantile) {
    var found = latency.quantile(quantile);
    return found.isPresent() ? found.getAsDouble() * 1000 : null;
  }

  /** About 150 bytes: what is kept. Rates are per second. */
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

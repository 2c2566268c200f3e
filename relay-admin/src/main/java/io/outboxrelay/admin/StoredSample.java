package io.outboxrelay.admin;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The form in which samples are kept, about 170 bytes each: a {@link MetricsSample} without the
 * buckets of the histogram.
 *
 * @param at the end of the interval
 * @param seconds the length of the interval
 * @param rates the events per second
 * @param backlog the waiting events; null if the database did not answer
 * @param latency the latencies; null if no event was confirmed
 */
record StoredSample(
    Instant at,
    int seconds,
    EventRates rates,
    @Nullable Backlog backlog,
    @Nullable Latency latency,
    long inFlight) {

  /** Two quantiles of the latencies of the confirmed events. */
  record Latency(double p50Millis, double p99Millis) {}

  JsonObject toJson() {
    return new JsonObject()
        .put("at", at.toString())
        .put("seconds", seconds)
        .put("attempted", rates.attempted())
        .put("published", rates.confirmed())
        .put("confirmed", rates.confirmed())
        .put("rejected", rates.rejected())
        .put("waiting", backlog == null ? null : backlog.waiting())
        .put("oldestSeconds", backlog == null ? null : backlog.oldestSeconds())
        .put("p50Millis", latency == null ? null : latency.p50Millis())
        .put("p99Millis", latency == null ? null : latency.p99Millis())
        .put("inFlight", inFlight);
  }
}

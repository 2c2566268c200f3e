package io.outboxrelay.admin;

import io.outboxrelay.metrics.Histogram;
import io.outboxrelay.report.Standings;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the relay did lately, as it has seen it: a sample every few seconds, for a bounded time.
 *
 * <p>Lives on one event loop.
 */
final class History {
  private static final int INTERVAL_SECONDS = 5;

  /** An hour. */
  private static final int KEPT = 720;

  private final Vertx vertx;
  private final Visits visits;
  private final Standpoint standpoint;
  private final Deque<Sample> samples = new ArrayDeque<>();
  private Totals before;
  private long timer = -1;

  private record Totals(
      long attempted, long confirmed, long rejected, Histogram latency, long nanos) {}

  private record Sample(Instant at, JsonObject told) {}

  History(Vertx vertx, Visits visits, Standpoint standpoint) {
    this.vertx = vertx;
    this.visits = visits;
    this.standpoint = standpoint;
    this.before = totals();
  }

  void start() {
    timer = vertx.setPeriodic(Duration.ofSeconds(INTERVAL_SECONDS).toMillis(), due -> look());
  }

  void stop() {
    vertx.cancelTimer(timer);
  }

  /** While the database does not answer, what only it knows is left out. */
  private void look() {
    visits
        .visit(connection -> Standings.read(connection, standpoint.names()))
        .onComplete(standings -> add(standings), unknown -> add(null));
  }

  private void add(@Nullable Standings standings) {
    var now = totals();
    double seconds = Math.max(0.001, (now.nanos - before.nanos) / 1e9);
    var latency = now.latency.since(before.latency);
    var at = Instant.now();
    var told =
        new JsonObject()
            .put("at", at.toString())
            .put("attempted", (now.attempted - before.attempted) / seconds)
            .put("published", (now.confirmed - before.confirmed) / seconds)
            .put("confirmed", (now.confirmed - before.confirmed) / seconds)
            .put("rejected", (now.rejected - before.rejected) / seconds)
            .put("waiting", standings == null ? null : standings.waiting())
            .put("oldestSeconds", standings == null ? null : oldest(standings))
            .put("p50Millis", millis(latency, 0.5))
            .put("p99Millis", millis(latency, 0.99))
            .put("inFlight", standpoint.relay().meters().inFlight());
    before = now;
    samples.add(new Sample(at, told));
    if (samples.size() > KEPT) {
      samples.poll();
    }
  }

  private static @Nullable Double oldest(Standings standings) {
    return standings.shards().stream()
        .map(shard -> shard.oldest())
        .flatMap(Optional::stream)
        .max(Comparator.naturalOrder())
        .map(oldest -> oldest.toMillis() / 1000.0)
        .orElse(null);
  }

  /** Null where nothing was confirmed meanwhile. */
  private static @Nullable Double millis(Histogram latency, double quantile) {
    var seconds = latency.quantile(quantile);
    return seconds.isPresent() ? seconds.getAsDouble() * 1000 : null;
  }

  private Totals totals() {
    var meters = standpoint.relay().meters();
    return new Totals(
        meters.attempted(),
        meters.confirmed(),
        meters.rejected(),
        meters.delivery(),
        System.nanoTime());
  }

  JsonObject last(String relay, long seconds) {
    var since = Instant.now().minusSeconds(seconds);
    var told = new JsonArray();
    for (var sample : samples) {
      if (sample.at.isAfter(since)) {
        told.add(sample.told);
      }
    }
    return new JsonObject()
        .put("relay", relay)
        .put("intervalSeconds", INTERVAL_SECONDS)
        .put("samples", told);
  }
}

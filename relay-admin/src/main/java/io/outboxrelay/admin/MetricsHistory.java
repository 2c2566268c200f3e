package io.outboxrelay.admin;

import io.outboxrelay.json.StatusSnapshot;
import io.outboxrelay.metrics.LatencyHistogram;
import io.outboxrelay.pause.Pauses;
import io.outboxrelay.status.StatusCode;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Records what this relay did during the last day, for the charts of the console: a sample every
 * few seconds, and coarser samples for the older part, in bounded memory. The history ends with the
 * process.
 *
 * <p>Used on one event loop.
 */
final class MetricsHistory {
  private static final int INTERVAL_SECONDS = 5;

  private final Vertx vertx;
  private final AdminConnections adminConnections;
  private final RelayInfo relayInfo;
  private final SampleTiers samples = new SampleTiers();
  private final HistoryMarks marks = new HistoryMarks();
  private Totals before;
  private long timer = -1;

  private record Totals(
      long attempted, long confirmed, long rejected, LatencyHistogram latency, long nanos) {}

  MetricsHistory(Vertx vertx, AdminConnections adminConnections, RelayInfo relayInfo) {
    this.vertx = vertx;
    this.adminConnections = adminConnections;
    this.relayInfo = relayInfo;
    this.before = totals();
    marks.started(relayInfo.startedAt());
  }

  void start() {
    timer = vertx.setPeriodic(Duration.ofSeconds(INTERVAL_SECONDS).toMillis(), due -> look());
  }

  void stop() {
    vertx.cancelTimer(timer);
  }

  /**
   * Takes a sample. If the database does not answer, the values that only the database knows are
   * left out.
   */
  private void look() {
    adminConnections
        .visit(connection -> StatusSnapshot.read(connection, relayInfo.names()))
        .onComplete(standings -> add(standings), unknown -> add(null));
  }

  private void add(@Nullable StatusSnapshot standings) {
    var now = totals();
    var at = Instant.now();
    samples.add(
        new MetricsSample(
            at,
            (now.nanos - before.nanos) / 1e9,
            now.attempted - before.attempted,
            now.confirmed - before.confirmed,
            now.rejected - before.rejected,
            standings == null ? null : standings.waiting(),
            standings == null ? null : oldest(standings),
            now.latency.since(before.latency),
            relayInfo.relay().metrics().inFlight()));
    before = now;
    mark(at, standings);
  }

  private void mark(Instant at, @Nullable StatusSnapshot standings) {
    var verdict = relayInfo.relay().verdict();
    marks.observe(
        HistoryMarks.Kind.OUTAGE,
        at,
        verdict.state() == StatusCode.STUCK ? Optional.of(verdict.sentence()) : openBreakers());
    if (standings != null) {
      marks.observe(HistoryMarks.Kind.PAUSE, at, paused(standings.pauses()));
    }
  }

  private Optional<String> openBreakers() {
    return relayInfo.relay().metrics().shards().stream()
        .flatMap(shard -> shard.openBreakers().entrySet().stream())
        .findFirst()
        .map(open -> open.getKey() + " accepts nothing: " + open.getValue());
  }

  private static Optional<String> paused(Pauses pauses) {
    return pauses.list().stream()
        .findFirst()
        .map(pause -> pause.what() + " is " + pause.sentence());
  }

  /** Returns the age of the oldest waiting event in seconds; 0 if no event waits. */
  private static double oldest(StatusSnapshot standings) {
    return standings.shards().stream()
        .map(shard -> shard.oldest())
        .flatMap(Optional::stream)
        .max(Comparator.naturalOrder())
        .map(oldest -> oldest.toMillis() / 1000.0)
        .orElse(0.0);
  }

  private Totals totals() {
    var metrics = relayInfo.relay().metrics();
    return new Totals(
        metrics.attempted(),
        metrics.confirmed(),
        metrics.rejected(),
        metrics.delivery(),
        System.nanoTime());
  }

  JsonObject last(String relay, long seconds) {
    var since = Instant.now().minusSeconds(seconds);
    return new JsonObject()
        .put("answeredBy", relay)
        .put("intervalSeconds", INTERVAL_SECONDS)
        .put("fullResolutionSeconds", SampleTiers.FINE_FOR.toSeconds())
        .put("annotations", marks.since(since))
        .put(
            "samples",
            new JsonArray(samples.since(since).stream().map(MetricsSample.Told::toJson).toList()));
  }
}

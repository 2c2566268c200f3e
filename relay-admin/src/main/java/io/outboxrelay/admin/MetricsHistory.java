package io.outboxrelay.admin;

import io.outboxrelay.metrics.LatencyHistogram;
import io.outboxrelay.pause.Pauses;
import io.outboxrelay.status.ShardRow;
import io.outboxrelay.status.ShardStatusReader;
import io.outboxrelay.status.StatusCode;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Records what this relay did during the last day, for the charts of the console: a sample every
 * few seconds, and samples of a minute for the time before the last hour. The memory is limited,
 * see {@link SampleTiers}. The history ends with the process.
 *
 * <p>Used on one event loop.
 */
final class MetricsHistory {
  private static final int INTERVAL_SECONDS = 5;

  private final Vertx vertx;
  private final AdminConnections adminConnections;
  private final RelayInfo relayInfo;
  private final ShardStatusReader shardStatus;
  private final SampleTiers samples = new SampleTiers();
  private final HistoryMarks marks = new HistoryMarks();
  private Totals before;
  private long timer = -1;

  private record Totals(
      long attempted, long confirmed, long rejected, LatencyHistogram latency, long nanos) {}

  /** The facts of the database that a sample and the marks need. */
  private record Observation(List<ShardRow> shards, Pauses pauses) {}

  MetricsHistory(Vertx vertx, AdminConnections adminConnections, RelayInfo relayInfo) {
    this.vertx = vertx;
    this.adminConnections = adminConnections;
    this.relayInfo = relayInfo;
    this.shardStatus = new ShardStatusReader(relayInfo.names());
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
    var names = relayInfo.names();
    adminConnections
        .visit(
            connection ->
                shardStatus
                    .readAll(connection)
                    .compose(
                        shards ->
                            Pauses.read(connection, names)
                                .map(pauses -> new Observation(shards, pauses))))
        .onComplete(observation -> add(observation), unknown -> add(null));
  }

  private void add(@Nullable Observation observation) {
    var now = totals();
    var at = Instant.now();
    samples.add(
        new MetricsSample(
            at,
            (now.nanos - before.nanos) / 1e9,
            new EventCounts(
                now.attempted - before.attempted,
                now.confirmed - before.confirmed,
                now.rejected - before.rejected),
            observation == null ? null : backlog(observation.shards),
            now.latency.since(before.latency),
            relayInfo.relay().health().inFlight()));
    before = now;
    mark(at, observation);
  }

  private void mark(Instant at, @Nullable Observation observation) {
    var verdict = relayInfo.relay().verdict();
    marks.observe(
        HistoryMarks.Kind.OUTAGE,
        at,
        verdict.state() == StatusCode.STUCK ? Optional.of(verdict.sentence()) : openBreakers());
    if (observation != null) {
      marks.observe(HistoryMarks.Kind.PAUSE, at, paused(observation.pauses));
    }
  }

  private Optional<String> openBreakers() {
    return relayInfo.relay().health().shards().stream()
        .flatMap(shard -> shard.openBreakers().entrySet().stream())
        .findFirst()
        .map(open -> open.getKey() + " accepts nothing: " + open.getValue());
  }

  private static Optional<String> paused(Pauses pauses) {
    return pauses.list().stream()
        .findFirst()
        .map(pause -> pause.what() + " is " + pause.sentence());
  }

  /** Sums the shards up; the age of the oldest waiting event is 0 if no event waits. */
  private static Backlog backlog(List<ShardRow> shards) {
    double oldest =
        shards.stream()
            .map(shard -> shard.waiting().oldest())
            .flatMap(Optional::stream)
            .max(Comparator.naturalOrder())
            .map(age -> age.toMillis() / 1000.0)
            .orElse(0.0);
    return new Backlog(ShardRow.waiting(shards), oldest);
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
            new JsonArray(samples.since(since).stream().map(StoredSample::toJson).toList()));
  }
}

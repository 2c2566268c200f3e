package io.outboxrelay.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.outboxrelay.health.RelayHealth;
import io.outboxrelay.publish.OutboxEvent;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The metrics of one relay, in a registry that Prometheus scrapes.
 *
 * <p>Each counter belongs to the number of a shard or a partition and is not reset at the end of a
 * term, so no counter decreases. Gauges of the present state read {@link RelayHealth}. Nothing in
 * the relay is decided by a metric. May be read on any thread.
 */
public final class RelayMetrics {
  private final PrometheusMeterRegistry registry;
  private final RelayHealth health;
  private final DestinationMetrics destinations;

  /** The names of the two systems that may refuse the relay; see {@link #refused}. */
  public static final String DATABASE = "database";

  public static final String BROKER = "broker";

  private final MultiGauge transactions;
  private final MultiGauge tables;
  private final MultiGauge differences;
  private final Counter wrongTokens;
  private final Map<String, AtomicLong> refusals = new TreeMap<>();
  private final ReplayMetrics replays;
  private final ClockOffset clock = new ClockOffset();
  private final DeliveryLog deliveries = new DeliveryLog();
  private final Map<Integer, ShardMetrics> shards = new ConcurrentHashMap<>();
  private final Map<PartitionKey, PartitionMetrics> partitions = new ConcurrentHashMap<>();

  private record PartitionKey(int shard, int partition) {}

  /** A transaction that has been open for long. */
  public record Open(int pid, String application, double seconds) {}

  private RelayMetrics(PrometheusMeterRegistry registry, RelayHealth health) {
    this.registry = registry;
    this.health = health;
    this.destinations = new DestinationMetrics(registry);
    this.replays = new ReplayMetrics(registry);
    this.wrongTokens =
        Counter.builder("outbox.admin.authentication.failures")
            .description("Requests to the API with a wrong token")
            .register(registry);
    for (String by : List.of(DATABASE, BROKER)) {
      refusals.put(by, new AtomicLong());
      FunctionCounter.builder("outbox.access.denied", this, all -> all.refusals(by))
          .description(
              "Connections that were refused, such as for a wrong password, and events that the broker"
                  + " did not permit")
          .tag("component", by)
          .register(registry);
    }
    gauge(
        "events.in.flight",
        "Events that were handed to the publisher and are not answered yet",
        all -> all.health.inFlight());
    gauge(
        "aggregates.retrying",
        "Aggregates with a next event that waits for another attempt",
        all -> all.sum(PartitionMetrics::retrying));
    gauge(
        "database.clock.uncertainty.seconds",
        "The largest possible error of the comparison with the database's clock",
        all -> all.clock.isKnown() ? all.clock.uncertaintyMicros() / 1e6 : Double.NaN);
    gauge(
        "event.loop.blocked.seconds",
        "The time since the last run of the event loop that ran least recently; about a second is normal",
        all -> all.health.silence().toMillis() / 1e3);
    this.transactions =
        MultiGauge.builder("outbox.open.transaction")
            .description("Age of transactions that have been open for long, by their process")
            .baseUnit("seconds")
            .register(registry);
    this.differences =
        MultiGauge.builder("outbox.account.differing.ranges")
            .description(
                "Ranges of 4,096 sequence numbers in which the outbox holds more events than the"
                    + " account, or other events")
            .register(registry);
    this.tables =
        MultiGauge.builder("outbox.table.size")
            .description("Disk space of a table with its indexes")
            .baseUnit("bytes")
            .register(registry);
    var prometheus = registry.getPrometheusRegistry();
    prometheus.register(
        new LatencyCollector(
            "outbox_delivery_latency_seconds",
            "From the beginning of the transaction that wrote an event, by the database's clock, to"
                + " its confirm",
            this::delivery));
    prometheus.register(
        new LatencyCollector(
            "outbox_publish_latency_seconds",
            "From handing an event to the publisher to its confirm",
            () ->
                LatencyHistogram.sum(
                    partitions.values().stream().map(PartitionMetrics::publishing).toList())));
  }

  /** Records a request to the API with a wrong token. */
  public void wrongToken() {
    wrongTokens.increment();
  }

  /**
   * Records a refused connection, for example because of a wrong password.
   *
   * @param by {@link #DATABASE} or {@link #BROKER}
   */
  public void refused(String by) {
    Objects.requireNonNull(refusals.get(by)).incrementAndGet();
  }

  private double refusals(String by) {
    long connections = Objects.requireNonNull(refusals.get(by)).get();
    return connections + (by.equals(BROKER) ? sum(PartitionMetrics::denied) : 0);
  }

  /** Creates the metrics of one relay in {@code registry}. */
  public static RelayMetrics in(PrometheusMeterRegistry registry) {
    return new RelayMetrics(registry, new RelayHealth());
  }

  /** Creates metrics in a registry of their own, which is not exported. */
  public static RelayMetrics alone() {
    return in(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  /** Returns the registry to scrape. */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /** Returns all metrics in the text format of Prometheus. */
  public String scrape() {
    return registry.scrape();
  }

  /** Returns the state of the relay that these metrics show. */
  public RelayHealth health() {
    return health;
  }

  /** Returns the converter of times to the database's clock. */
  public ClockOffset clock() {
    return clock;
  }

  /** Returns the log of the latest deliveries; it stays empty until it is enabled. */
  public DeliveryLog deliveries() {
    return deliveries;
  }

  public ShardMetrics shard(int shard) {
    return shards.computeIfAbsent(
        shard, number -> new ShardMetrics(registry, number, health.shard(number)));
  }

  /** Returns the metrics of replays. */
  public ReplayMetrics replays() {
    return replays;
  }

  /**
   * Removes the metrics and the health state of shards from number {@code count} on, because these
   * shards no longer exist.
   */
  public void onlyShards(int count) {
    health.onlyShards(count);
    shards.keySet().stream()
        .filter(shard -> shard >= count)
        .toList()
        .forEach(gone -> Objects.requireNonNull(shards.remove(gone)).remove());
  }

  /**
   * Returns the metrics of a shard's partition.
   *
   * @param destination the destination of an event; see {@link
   *     io.outboxrelay.publish.Broker#destination}
   * @param isByType see {@link io.outboxrelay.publish.Broker#isRoutedByType}
   */
  public PartitionMetrics traffic(
      int shard, int partition, Function<OutboxEvent, String> destination, boolean isByType) {
    return partitions.computeIfAbsent(
        new PartitionKey(shard, partition),
        place ->
            new PartitionMetrics(
                destination, isByType, clock, new PartitionDestinations(destinations), deliveries));
  }

  /** Returns how often events were handed to the publisher; each repeated attempt counts. */
  public long attempted() {
    return destinations.total(counts -> counts.attempted.value());
  }

  /** Returns how many events the broker has confirmed. */
  public long confirmed() {
    return destinations.total(counts -> counts.confirmed.value());
  }

  /** Returns how many events the broker will never accept. */
  public long rejected() {
    return destinations.total(counts -> counts.rejected.value());
  }

  /** Returns how many aggregates wait for another attempt of their next event. */
  public long retrying() {
    return (long) sum(PartitionMetrics::retrying);
  }

  /** Returns the latencies from the beginning of an event's transaction to its confirm. */
  public LatencyHistogram delivery() {
    return LatencyHistogram.sum(
        partitions.values().stream().map(PartitionMetrics::delivery).toList());
  }

  /** Returns the counts of each destination by name. */
  public Map<String, DestinationCounts.Total> destinations() {
    return destinations.totals();
  }

  /** Sets the transactions that have been open for long. */
  public void openTransactions(List<Open> all) {
    transactions.register(
        all.stream()
            .map(
                open ->
                    MultiGauge.Row.of(
                        Tags.of("pid", Integer.toString(open.pid), "application", open.application),
                        open.seconds))
            .collect(Collectors.toList()),
        true);
  }

  /**
   * Sets the number of ranges of sequence numbers in which the outbox and the account differ, by
   * kind of difference; a kind that is not in the map has no gauge.
   */
  public void differences(Map<String, Long> ranges) {
    differences.register(
        ranges.entrySet().stream()
            .map(kind -> MultiGauge.Row.of(Tags.of("kind", kind.getKey()), kind.getValue()))
            .collect(Collectors.toList()),
        true);
  }

  /**
   * Sets the size of each table on disk, in bytes, by the table's name; a table that is not in the
   * map has no gauge.
   */
  public void tableSizes(Map<String, Long> bytes) {
    tables.register(
        bytes.entrySet().stream()
            .map(size -> MultiGauge.Row.of(Tags.of("table", size.getKey()), size.getValue()))
            .collect(Collectors.toList()),
        true);
  }

  private double sum(ToDoubleFunction<PartitionMetrics> value) {
    return partitions.values().stream().mapToDouble(value).sum();
  }

  private void gauge(String name, String description, ToDoubleFunction<RelayMetrics> value) {
    Gauge.builder("outbox." + name, this, value).description(description).register(registry);
  }
}

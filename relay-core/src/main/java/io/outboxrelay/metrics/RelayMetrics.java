package io.outboxrelay.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.outboxrelay.publish.OutboxEvent;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * Everything one relay counts and measures, in a registry that Prometheus scrapes.
 *
 * <p>What is counted belongs to a shard or a partition by its number and outlives both, so that no
 * counter ever falls. To be read on any thread.
 */
public final class RelayMetrics {
  private final PrometheusMeterRegistry registry;
  private final DestinationMetrics destinations;

  /** The two that may refuse the relay; see {@link #refused}. */
  public static final String DATABASE = "database";

  public static final String BROKER = "broker";

  private final MultiGauge transactions;
  private final MultiGauge tables;
  private final Counter wrongTokens;
  private final Map<String, Counter> refusals = new TreeMap<>();
  private final ReplayMetrics replays;
  private final ClockOffset clock = new ClockOffset();
  private final DeliveryLog deliveries = new DeliveryLog();
  private final Map<Integer, ShardMetrics> shards = new ConcurrentHashMap<>();
  private final Map<Place, PartitionMetrics> partitions = new ConcurrentHashMap<>();

  private record Place(int shard, int partition) {}

  /** A transaction that has been open for long. */
  public record Open(int pid, String application, double seconds) {}

  private RelayMetrics(PrometheusMeterRegistry registry) {
    this.registry = registry;
    this.destinations = new DestinationMetrics(registry);
    this.replays = new ReplayMetrics(registry);
    this.wrongTokens =
        Counter.builder("outbox.admin.wrong.tokens")
            .description("Requests to the API with a token that is not the right one")
            .register(registry);
    for (String by : List.of(DATABASE, BROKER)) {
      refusals.put(
          by,
          Counter.builder("outbox.access.refused")
              .description("Connections that were refused, as for a wrong password")
              .tag("by", by)
              .register(registry));
    }
    gauge(
        "events.in.flight", "Events handed to the publisher, not answered", all -> all.inFlight());
    gauge(
        "aggregates.retrying",
        "Aggregates whose next event waits for another try",
        all -> all.sum(PartitionMetrics::retrying));
    gauge(
        "database.clock.uncertainty.seconds",
        "By how much the comparison with the database's clock may be wrong",
        all -> all.clock.isKnown() ? all.clock.uncertaintyMicros() / 1e6 : Double.NaN);
    gauge(
        "event.loop.silence.seconds",
        "How long the most silent of the relay's event loops has not run; about a second is none",
        all -> all.silence().toMillis() / 1e3);
    this.transactions =
        MultiGauge.builder("outbox.open.transaction")
            .description("Age of transactions that have been open for long, by their process")
            .baseUnit("seconds")
            .register(registry);
    this.tables =
        MultiGauge.builder("outbox.table.size")
            .description("What a table takes of the disk, with its indexes")
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

  /** Somebody came to the API with a token that is not the right one. */
  public void wrongToken() {
    wrongTokens.increment();
  }

  /**
   * A connection was refused, as for a wrong password.
   *
   * @param by {@link #DATABASE} or {@link #BROKER}
   */
  public void refused(String by) {
    Objects.requireNonNull(refusals.get(by)).increment();
  }

  /** Counts into {@code registry}, for one relay. */
  public static RelayMetrics in(PrometheusMeterRegistry registry) {
    return new RelayMetrics(registry);
  }

  /** Counts for nobody else to see. */
  public static RelayMetrics alone() {
    return in(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  /** What there is to scrape. */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /** All of it, as Prometheus reads it. */
  public String scrape() {
    return registry.scrape();
  }

  /** What the database's clock shows. */
  public ClockOffset clock() {
    return clock;
  }

  /** Where the broker has stored the latest events; remembers nothing until it is enabled. */
  public DeliveryLog deliveries() {
    return deliveries;
  }

  public ShardMetrics shard(int shard) {
    return shards.computeIfAbsent(shard, number -> new ShardMetrics(registry, number));
  }

  /** What replays of the history send. */
  public ReplayMetrics replays() {
    return replays;
  }

  /** Forgets the shards from number {@code count} on: there are none such any more. */
  public void onlyShards(int count) {
    shards.keySet().stream()
        .filter(shard -> shard >= count)
        .toList()
        .forEach(gone -> Objects.requireNonNull(shards.remove(gone)).remove());
  }

  /**
   * The traffic of a shard's partition.
   *
   * @param destination where an event goes; see {@link io.outboxrelay.publish.Broker#destination}
   * @param isByType see {@link io.outboxrelay.publish.Broker#isRoutedByType}
   */
  public PartitionMetrics traffic(
      int shard, int partition, Function<OutboxEvent, String> destination, boolean isByType) {
    return partitions.computeIfAbsent(
        new Place(shard, partition),
        place ->
            new PartitionMetrics(
                OptionalInt.of(shard),
                destination,
                isByType,
                clock,
                new PartitionDestinations(destinations),
                deliveries));
  }

  /** How often events were handed to the publisher, repeats included. */
  public long attempted() {
    return destinations.total(counts -> counts.attempted.value());
  }

  /** How many events the broker has confirmed. */
  public long confirmed() {
    return destinations.total(counts -> counts.confirmed.value());
  }

  /** How many events will never be accepted. */
  public long rejected() {
    return destinations.total(counts -> counts.rejected.value());
  }

  /** How many events are with the publisher. */
  public long inFlight() {
    return (long) sum(PartitionMetrics::inFlight);
  }

  /** How many aggregates wait for another try of their next event. */
  public long retrying() {
    return (long) sum(PartitionMetrics::retrying);
  }

  /** From the beginning of an event's transaction to its confirm. */
  public LatencyHistogram delivery() {
    return LatencyHistogram.sum(
        partitions.values().stream().map(PartitionMetrics::delivery).toList());
  }

  /** What was counted of each destination, by its name. */
  public Map<String, DestinationCounts.Total> destinations() {
    return destinations.totals();
  }

  /** Says which transactions have been open for long. */
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

  /** Says how many bytes of the disk the tables take; nothing of a table that is not named. */
  public void tableSizes(Map<String, Long> bytes) {
    tables.register(
        bytes.entrySet().stream()
            .map(size -> MultiGauge.Row.of(Tags.of("table", size.getKey()), size.getValue()))
            .collect(Collectors.toList()),
        true);
  }

  /** How long the most silent of the relay's event loops has not run. */
  public Duration silence() {
    long now = System.nanoTime();
    return Duration.ofNanos(
        LongStream.concat(
                partitions.values().stream().mapToLong(PartitionMetrics::lastTick),
                shards.values().stream().mapToLong(ShardMetrics::lastTick))
            .filter(tick -> tick != 0)
            .map(tick -> now - tick)
            .max()
            .orElse(0));
  }

  /** When an event of a shard was last confirmed, as {@link System#nanoTime}; empty for never. */
  public Optional<Long> lastConfirmed(int shard) {
    return of(shard).stream()
        .map(PartitionMetrics::lastConfirmed)
        .filter(nanos -> nanos != 0)
        .max(Comparator.comparingLong(nanos -> nanos - System.nanoTime()));
  }

  /** All shards that this relay has something to do with. */
  public Collection<ShardMetrics> shards() {
    return List.copyOf(shards.values());
  }

  /** What keeps a shard's partitions from publishing; empty where one of them did since. */
  public Optional<OngoingProblem> broker(int shard) {
    var partitionsOf = of(shard);
    var troubles =
        partitionsOf.stream().map(PartitionMetrics::trouble).filter(Objects::nonNull).toList();
    return oldest(troubles)
        .filter(
            problem -> partitionsOf.stream().noneMatch(traffic -> traffic.confirmedSince(problem)));
  }

  /** The event of a shard that has failed for longest, where others may succeed. */
  public Optional<OngoingProblem> event(int shard) {
    return oldest(
        of(shard).stream().map(PartitionMetrics::event).filter(Objects::nonNull).toList());
  }

  private static Optional<OngoingProblem> oldest(Collection<OngoingProblem> troubles) {
    return troubles.stream()
        .max(Comparator.comparingLong(trouble -> System.nanoTime() - trouble.sinceNanos()));
  }

  private List<PartitionMetrics> of(int shard) {
    return partitions.entrySet().stream()
        .filter(entry -> entry.getKey().shard == shard)
        .map(Map.Entry::getValue)
        .toList();
  }

  private double sum(ToDoubleFunction<PartitionMetrics> value) {
    return partitions.values().stream().mapToDouble(value).sum();
  }

  private void gauge(String name, String description, ToDoubleFunction<RelayMetrics> value) {
    Gauge.builder("outbox." + name, this, value).description(description).register(registry);
  }
}

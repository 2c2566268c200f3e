package io.outboxrelay.metrics;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.outboxrelay.publish.OutboxEvent;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Everything one relay counts and measures, in a registry that Prometheus scrapes.
 *
 * <p>What is counted belongs to a shard or a partition by its number and outlives both, so that no
 * counter ever falls.
 */
public final class Meters {
  private final PrometheusMeterRegistry registry;
  private final DestinationMeters destinations;
  private final Map<Integer, ShardMeters> shards = new HashMap<>();
  private final Map<Place, Traffic> partitions = new HashMap<>();

  private record Place(int shard, int partition) {}

  private Meters(PrometheusMeterRegistry registry) {
    this.registry = registry;
    this.destinations = new DestinationMeters(registry);
  }

  /** Counts into {@code registry}, for one relay. */
  public static Meters in(PrometheusMeterRegistry registry) {
    return new Meters(registry);
  }

  /** Counts for nobody else to see. */
  public static Meters alone() {
    return in(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
  }

  /** What there is to scrape. */
  public PrometheusMeterRegistry registry() {
    return registry;
  }

  public synchronized ShardMeters shard(int shard) {
    return shards.computeIfAbsent(shard, number -> new ShardMeters(registry, number));
  }

  /**
   * The traffic of a shard's partition.
   *
   * @param destination where an event goes; see {@link io.outboxrelay.publish.Broker#destination}
   * @param isByType see {@link io.outboxrelay.publish.Broker#isRoutedByType}
   */
  public synchronized Traffic traffic(
      int shard, int partition, Function<OutboxEvent, String> destination, boolean isByType) {
    return partitions.computeIfAbsent(
        new Place(shard, partition),
        place -> new Traffic(destination, isByType, destinations::add));
  }
}

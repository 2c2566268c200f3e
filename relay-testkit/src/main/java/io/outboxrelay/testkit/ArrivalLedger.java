package io.outboxrelay.testkit;

import io.outboxrelay.testkit.AggregateArrivals.Arrival;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Records the arrivals of all aggregates at a consumer: which versions have arrived, and in which
 * order. This class is thread-safe.
 */
public final class ArrivalLedger {
  private final Map<String, AggregateArrivals> aggregates = new HashMap<>();
  private final Map<Arrival, Long> counts = new EnumMap<>(Arrival.class);

  /** Records an arrival of a version, from 1, without an id. */
  public synchronized Arrival arrived(String aggregate, int version) {
    return counted(of(aggregate).arrived(version));
  }

  /** Records an arrival of a version, from 1, with the id of its event. */
  public synchronized Arrival arrived(String aggregate, int version, UUID id) {
    return counted(of(aggregate).arrived(version, id));
  }

  private AggregateArrivals of(String aggregate) {
    return aggregates.computeIfAbsent(aggregate, first -> new AggregateArrivals());
  }

  private Arrival counted(Arrival arrival) {
    counts.merge(arrival, 1L, Long::sum);
    return arrival;
  }

  /** Returns the number of arrivals of this kind. */
  public synchronized long count(Arrival arrival) {
    return counts.getOrDefault(arrival, 0L);
  }

  /** Returns the number of messages that have arrived, repeats included. */
  public synchronized long total() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Returns the number of different events that have arrived. */
  public synchronized long delivered() {
    return total() - count(Arrival.REPEATED) - count(Arrival.REPEATED_WITH_ANOTHER_ID);
  }

  /** Returns the highest version of an aggregate that has arrived; 0 if none has. */
  public synchronized int highest(String aggregate) {
    var arrivals = aggregates.get(aggregate);
    return arrivals == null ? 0 : arrivals.highest();
  }

  /** Returns the highest version of each aggregate that has arrived. */
  public synchronized Map<String, Integer> highest() {
    var all = new HashMap<String, Integer>();
    aggregates.forEach((aggregate, arrivals) -> all.put(aggregate, arrivals.highest()));
    return all;
  }

  /**
   * Returns the number of versions that have not arrived although a later version of their
   * aggregate has arrived.
   */
  public synchronized long skipped() {
    return aggregates.values().stream().mapToLong(AggregateArrivals::skipped).sum();
  }

  /**
   * Returns the number of versions that have not arrived.
   *
   * @param committed the last version of each aggregate
   */
  public synchronized long missing(Map<String, Integer> committed) {
    return committed.entrySet().stream()
        .mapToLong(
            last ->
                aggregates
                    .getOrDefault(last.getKey(), new AggregateArrivals())
                    .missingUpTo(last.getValue()))
        .sum();
  }

  @Override
  public synchronized String toString() {
    return counts.toString();
  }
}

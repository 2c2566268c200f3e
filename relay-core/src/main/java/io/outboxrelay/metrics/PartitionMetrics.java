package io.outboxrelay.metrics;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.outboxrelay.publish.DeliveryReceipts;
import io.outboxrelay.publish.DestinationLookup;
import io.outboxrelay.publish.OutboxEvent;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Counts the events of one partition by destination.
 *
 * <p>Use it on the partition's event loop only. It takes no locks, and if the destination depends
 * only on the event's types, it allocates nothing.
 */
public final class PartitionMetrics {
  /**
   * The maximum number of cached pairs of aggregate type and event type. When one more is added,
   * the cache is cleared first.
   */
  private static final int MOST_TYPES = 1000;

  private static final String NOWHERE = "none";

  private final Function<OutboxEvent, String> destination;
  private final boolean isByType;
  private final PartitionDestinations destinations;
  private final Map<String, Map<String, DestinationCounts>> byType = new HashMap<>();
  private final ClockOffset clock;
  private final DeliveryReceipts receipts;
  private final LatencyRecorder delivery = new LatencyRecorder();
  private final LatencyRecorder publishing = new LatencyRecorder();
  private final SingleWriterCounter denied = new SingleWriterCounter();
  private final SingleWriterCounter retrying = new SingleWriterCounter();
  private String lastAggregateType = "";
  private String lastEventType = "";
  private @Nullable DestinationCounts last;
  private int types;

  /**
   * @param destination the destination of an event; see {@link
   *     io.outboxrelay.publish.Broker#destination}
   * @param isByType see {@link io.outboxrelay.publish.Broker#isRoutedByType}
   * @param clock converts times to the database's clock
   * @param destinations the counts of this partition's destinations
   * @param receipts receives the places where the broker has stored events
   */
  PartitionMetrics(
      Function<OutboxEvent, String> destination,
      boolean isByType,
      ClockOffset clock,
      PartitionDestinations destinations,
      DeliveryReceipts receipts) {
    this.destination = DestinationLookup.emptyWhereNone(destination);
    this.isByType = isByType;
    this.clock = clock;
    this.destinations = destinations;
    this.receipts = receipts;
  }

  /**
   * Returns metrics that are not exported, for events that are published besides the live events,
   * such as replayed ones.
   */
  public static PartitionMetrics apart() {
    return new PartitionMetrics(
        event -> NOWHERE,
        false,
        new ClockOffset(),
        new PartitionDestinations(new DestinationMetrics(new SimpleMeterRegistry())),
        DeliveryReceipts.NONE);
  }

  /** Returns the receiver of the places where the broker has stored events. */
  public DeliveryReceipts receipts() {
    return receipts;
  }

  /**
   * Records that an event is handed to the publisher.
   *
   * @param before the result of the previous call for this event; null at the first attempt
   * @return the counts of the event's destination
   */
  public DestinationCounts leaves(OutboxEvent event, @Nullable DestinationCounts before) {
    var counts = before == null ? of(event) : before;
    counts.attempted.increment();
    if (before != null) {
      counts.retried.increment();
    }
    return counts;
  }

  /**
   * Records that the publisher has confirmed an event.
   *
   * @param left the {@link System#nanoTime} when it was handed over
   * @param nanos the {@link System#nanoTime} when it was confirmed
   */
  public void confirmed(OutboxEvent confirmed, DestinationCounts counts, long left, long nanos) {
    counts.confirmed.increment();
    publishing.record((nanos - left) / 1000);
    if (clock.isKnown()) {
      var begun = confirmed.createdAt();
      long begunMicros = begun.getEpochSecond() * 1_000_000 + begun.getNano() / 1000;
      delivery.record(Math.max(0, clock.databaseMicros(nanos) - begunMicros));
    }
  }

  /** Records that the user of the relay is not permitted to write an event to its destination. */
  public void accessDenied() {
    denied.increment();
  }

  /** Records how many aggregates wait for another attempt. */
  public void retrying(int aggregates) {
    retrying.set(aggregates);
  }

  /** Records that the broker will never accept an event. */
  public void rejected(OutboxEvent event) {
    of(event).rejected.increment();
  }

  /** Records that an event is set aside until its destination is available again. */
  public void deferred(OutboxEvent event) {
    of(event).deferred.increment();
  }

  long denied() {
    return denied.value();
  }

  long retrying() {
    return retrying.value();
  }

  LatencyHistogram delivery() {
    return delivery.histogram();
  }

  LatencyHistogram publishing() {
    return publishing.histogram();
  }

  private DestinationCounts of(OutboxEvent event) {
    if (!isByType) {
      return destinations.of(nameOf(event));
    }
    var same = last;
    if (same != null
        && event.aggregateType().equals(lastAggregateType)
        && event.eventType().equals(lastEventType)) {
      return same;
    }
    var counts = ofType(event);
    lastAggregateType = event.aggregateType();
    lastEventType = event.eventType();
    last = counts;
    return counts;
  }

  private DestinationCounts ofType(OutboxEvent event) {
    var ofAggregateType = byType.get(event.aggregateType());
    var known = ofAggregateType == null ? null : ofAggregateType.get(event.eventType());
    if (known != null) {
      return known;
    }
    if (++types > MOST_TYPES) {
      byType.clear();
      types = 1;
    }
    var counts = destinations.of(nameOf(event));
    byType
        .computeIfAbsent(event.aggregateType(), type -> new HashMap<>())
        .put(event.eventType(), counts);
    return counts;
  }

  private String nameOf(OutboxEvent event) {
    String name = destination.apply(event);
    return name.isEmpty() ? NOWHERE : name;
  }
}

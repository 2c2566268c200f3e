package io.outboxrelay.metrics;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.outboxrelay.publish.DeliveryReceipts;
import io.outboxrelay.publish.DestinationLookup;
import io.outboxrelay.publish.OutboxEvent;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Counts what passes through one partition, by destination.
 *
 * <p>Written on the partition's event loop only, without locks and, where the destination depends
 * on the event's types, without creating anything.
 */
public final class PartitionMetrics {
  /** More pairs of types than this are looked up anew. */
  private static final int MOST_TYPES = 1000;

  private static final String NOWHERE = "none";

  /**
   * Brokers answer within milliseconds, and lasting silence of their client's ends as a failure.
   */
  private static final long SILENCE_NANOS = 10_000_000_000L;

  private final OptionalInt shard;
  private final Function<OutboxEvent, String> destination;
  private final boolean isByType;
  private final PartitionDestinations destinations;
  private final Map<String, Map<String, DestinationCounts>> byType = new HashMap<>();
  private final ClockOffset clock;
  private final DeliveryReceipts receipts;
  private final LatencyRecorder delivery = new LatencyRecorder();
  private final LatencyRecorder publishing = new LatencyRecorder();
  private final SingleWriterCounter inFlight = new SingleWriterCounter();
  private final SingleWriterCounter retrying = new SingleWriterCounter();
  private final SingleWriterCounter lastAnswered = new SingleWriterCounter();
  private final SingleWriterCounter lastConfirmed = new SingleWriterCounter();
  private final SingleWriterCounter busySince = new SingleWriterCounter();
  private final SingleWriterCounter lastTick = new SingleWriterCounter();
  private volatile @Nullable OngoingProblem link;
  private volatile @Nullable OngoingProblem outage;
  private volatile @Nullable OngoingProblem event;
  private long troubledSeq;
  private String lastAggregateType = "";
  private String lastEventType = "";
  private @Nullable DestinationCounts last;
  private int types;

  /**
   * @param shard whose events they are; empty where they may be of any
   * @param destination where an event goes; see {@link io.outboxrelay.publish.Broker#destination}
   * @param isByType see {@link io.outboxrelay.publish.Broker#isRoutedByType}
   * @param clock what the database's clock shows
   * @param destinations the counts of this partition's destinations
   * @param receipts is told where the broker has stored events
   */
  PartitionMetrics(
      OptionalInt shard,
      Function<OutboxEvent, String> destination,
      boolean isByType,
      ClockOffset clock,
      PartitionDestinations destinations,
      DeliveryReceipts receipts) {
    this.shard = shard;
    this.destination = DestinationLookup.emptyWhereNone(destination);
    this.isByType = isByType;
    this.clock = clock;
    this.destinations = destinations;
    this.receipts = receipts;
  }

  /** Counts for nobody what goes beside the live events, as replays do. */
  public static PartitionMetrics apart() {
    return new PartitionMetrics(
        OptionalInt.empty(),
        event -> NOWHERE,
        false,
        new ClockOffset(),
        new PartitionDestinations(new DestinationMetrics(new SimpleMeterRegistry())),
        DeliveryReceipts.NONE);
  }

  /** Is told by the partition's publisher where the broker has stored events. */
  public DeliveryReceipts receipts() {
    return receipts;
  }

  /** Whose events they are; empty where they may be of any. */
  public OptionalInt shard() {
    return shard;
  }

  /**
   * An event is handed to the publisher.
   *
   * @param before what this told the last time
   * @param nanos {@link System#nanoTime}
   */
  public DestinationCounts leaves(
      OutboxEvent event, @Nullable DestinationCounts before, long nanos) {
    if (inFlight.value() == 0) {
      busySince.set(nanos);
    }
    inFlight.increment();
    var counts = before == null ? of(event) : before;
    counts.attempted.increment();
    if (before != null) {
      counts.retried.increment();
    }
    return counts;
  }

  /** The publisher has done with an event. */
  public void lands() {
    inFlight.add(-1);
  }

  /**
   * The publisher has confirmed an event.
   *
   * @param left the {@link System#nanoTime} when it was handed over
   */
  public void confirmed(OutboxEvent confirmed, DestinationCounts counts, long left) {
    long nanos = System.nanoTime();
    counts.confirmed.increment();
    lastAnswered.set(nanos);
    lastConfirmed.set(nanos);
    publishing.record((nanos - left) / 1000);
    if (clock.isKnown()) {
      var begun = confirmed.createdAt();
      long begunMicros = begun.getEpochSecond() * 1_000_000 + begun.getNano() / 1000;
      delivery.record(Math.max(0, clock.databaseMicros(nanos) - begunMicros));
    }
    settled(confirmed);
  }

  /** An event leaves its lane and is not tried again from there, whatever became of it. */
  public void settled(OutboxEvent done) {
    if (event != null && done.seq() == troubledSeq) {
      event = null;
    }
  }

  /** The event loop runs; to be told every second, until {@link #rests}. */
  public void tick() {
    lastTick.set(System.nanoTime());
  }

  /** Nobody publishes here any more. */
  public void rests() {
    lastTick.set(0);
    link = null;
  }

  /** A try to connect has failed. */
  public void unreachable(String reason) {
    link = OngoingProblem.goOn(link, reason);
  }

  /** The broker has answered. */
  public void reached() {
    link = null;
  }

  /** An event has failed, and is tried again. */
  public void failed(OutboxEvent failed, String reason) {
    lastAnswered.set(System.nanoTime());
    if (event == null || failed.seq() == troubledSeq) {
      troubledSeq = failed.seq();
      event = OngoingProblem.goOn(event, failed + " was not published: " + reason);
    }
  }

  /** So many aggregates wait for another try. */
  public void retrying(int aggregates) {
    retrying.set(aggregates);
  }

  /** Every try of late has failed. */
  public void fails() {
    var last = event;
    outage = OngoingProblem.goOn(outage, last == null ? "every try has failed" : last.what());
  }

  /** Some tries succeed. */
  public void succeeds() {
    outage = null;
  }

  /** An event will never be accepted. */
  public void rejected(OutboxEvent event) {
    settled(event);
    of(event).rejected.increment();
  }

  /** An event is set aside until its destination takes something again. */
  public void deferred(OutboxEvent event) {
    settled(event);
    of(event).deferred.increment();
  }

  /** The outcomes of all that is in flight are of no interest any more. */
  public void forgets() {
    inFlight.set(0);
    retrying.set(0);
    outage = null;
    event = null;
  }

  long inFlight() {
    return inFlight.value();
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

  /** When an event was last confirmed, as {@link System#nanoTime}; 0 for never. */
  long lastConfirmed() {
    return lastConfirmed.value();
  }

  boolean confirmedSince(OngoingProblem problem) {
    long last = lastConfirmed.value();
    return last != 0 && last - problem.sinceNanos() > 0;
  }

  long lastTick() {
    return lastTick.value();
  }

  /** What keeps everything from being published here; null where nothing does, as far as seen. */
  @Nullable OngoingProblem trouble() {
    var seen = link != null ? link : outage;
    return seen != null ? seen : silence();
  }

  /** A publisher that does not answer at all: neither confirms nor failures. */
  private @Nullable OngoingProblem silence() {
    long since = Math.max(busySince.value(), lastAnswered.value());
    return inFlight.value() > 0 && System.nanoTime() - since > SILENCE_NANOS
        ? new OngoingProblem(
            inFlight.value() + " events are with the broker, and it does not answer", since)
        : null;
  }

  /** An event that fails; null where none does. */
  @Nullable OngoingProblem event() {
    return event;
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

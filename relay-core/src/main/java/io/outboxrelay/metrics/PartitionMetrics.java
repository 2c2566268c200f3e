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
 * Counts the events of one partition by destination.
 *
 * <p>Called on the partition's event loop only; takes no locks. If the destination depends on the
 * event's types only, it allocates nothing.
 */
public final class PartitionMetrics {
  /** The most pairs of types that are cached; then the cache is cleared. */
  private static final int MOST_TYPES = 1000;

  private static final String NOWHERE = "none";

  /**
   * Brokers answer within milliseconds, and a client reports a longer silence as a failure. Events
   * in flight without any answer for this long are therefore a problem.
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
  private final SingleWriterCounter denied = new SingleWriterCounter();
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
   * @param shard the shard of the events; empty if they may be of any shard
   * @param destination the destination of an event; see {@link
   *     io.outboxrelay.publish.Broker#destination}
   * @param isByType see {@link io.outboxrelay.publish.Broker#isRoutedByType}
   * @param clock converts times to the database's clock
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

  /** Returns metrics that are not exported, for traffic beside the live events, such as replays. */
  public static PartitionMetrics apart() {
    return new PartitionMetrics(
        OptionalInt.empty(),
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

  /** Returns the shard of the events; empty if they may be of any shard. */
  public OptionalInt shard() {
    return shard;
  }

  /**
   * Records that an event is handed to the publisher.
   *
   * @param before the result of the previous call for this event; null at the first attempt
   * @param nanos {@link System#nanoTime}
   * @return the counts of the event's destination
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

  /** Records that the publisher has finished one attempt, successfully or not. */
  public void lands() {
    inFlight.add(-1);
  }

  /**
   * Records that the publisher has confirmed an event.
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

  /**
   * Records that an event has left its queue and is not tried again from there, for whatever
   * reason.
   */
  public void settled(OutboxEvent done) {
    if (event != null && done.seq() == troubledSeq) {
      event = null;
    }
  }

  /** Records that the event loop runs; call it every second until {@link #rests}. */
  public void tick() {
    lastTick.set(System.nanoTime());
  }

  /** Records that the partition has stopped publishing. */
  public void rests() {
    lastTick.set(0);
    link = null;
  }

  /** Records a failed attempt to connect. */
  public void unreachable(String reason) {
    link = OngoingProblem.goOn(link, reason);
  }

  /** Records that the connection works. */
  public void reached() {
    link = null;
  }

  /** Records that an event has failed and will be tried again. */
  public void failed(OutboxEvent failed, String reason) {
    lastAnswered.set(System.nanoTime());
    if (event == null || failed.seq() == troubledSeq) {
      troubledSeq = failed.seq();
      event = OngoingProblem.goOn(event, failed + " was not published: " + reason);
    }
  }

  /** Records that the broker does not let the relay write an event. */
  public void accessDenied() {
    denied.increment();
  }

  /** Records how many aggregates wait for another attempt. */
  public void retrying(int aggregates) {
    retrying.set(aggregates);
  }

  /** Records that all recent attempts have failed. */
  public void fails() {
    var last = event;
    outage = OngoingProblem.goOn(outage, last == null ? "every try has failed" : last.what());
  }

  /** Records that some attempts succeed again. */
  public void succeeds() {
    outage = null;
  }

  /** Records that the broker will never accept an event. */
  public void rejected(OutboxEvent event) {
    settled(event);
    of(event).rejected.increment();
  }

  /** Records that an event is set aside until its destination is available again. */
  public void deferred(OutboxEvent event) {
    settled(event);
    of(event).deferred.increment();
  }

  /** Resets the state of events in flight, because their outcomes do not matter any more. */
  public void forgets() {
    inFlight.set(0);
    retrying.set(0);
    outage = null;
    event = null;
  }

  long inFlight() {
    return inFlight.value();
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

  /** Returns the {@link System#nanoTime} of the last confirm; 0 if there was none. */
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

  /** Returns the problem that prevents all publishing in this partition; null if none is known. */
  @Nullable OngoingProblem trouble() {
    var seen = link != null ? link : outage;
    return seen != null ? seen : silence();
  }

  /** Returns a problem if the publisher reports neither confirms nor failures. */
  private @Nullable OngoingProblem silence() {
    long since = Math.max(busySince.value(), lastAnswered.value());
    return inFlight.value() > 0 && System.nanoTime() - since > SILENCE_NANOS
        ? new OngoingProblem(
            inFlight.value() + " events are with the broker, and it does not answer", since)
        : null;
  }

  /** Returns the problem of a failing event; null if none fails. */
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

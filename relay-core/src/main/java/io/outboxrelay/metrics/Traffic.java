package io.outboxrelay.metrics;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Counts what passes through one partition, by destination.
 *
 * <p>Written on the partition's event loop only, without locks and, where the destination depends
 * on the event's types, without creating anything.
 */
public final class Traffic {
  /** More pairs of types than this are looked up anew. */
  private static final int MOST_TYPES = 1000;

  private static final String NOWHERE = "none";

  private final Function<OutboxEvent, String> destination;
  private final boolean isByType;
  private final Function<String, DestinationCounts> destinations;
  private final Map<String, DestinationCounts> byName = new HashMap<>();
  private final Map<String, Map<String, DestinationCounts>> byType = new HashMap<>();
  private final Count inFlight = new Count();
  private String lastAggregateType = "";
  private String lastEventType = "";
  private @Nullable DestinationCounts last;
  private int types;

  /**
   * @param destination where an event goes; see {@link io.outboxrelay.publish.Broker#destination}
   * @param isByType see {@link io.outboxrelay.publish.Broker#isRoutedByType}
   * @param destinations the counts of a destination in this partition, those of all the rest once
   *     there are too many
   */
  Traffic(
      Function<OutboxEvent, String> destination,
      boolean isByType,
      Function<String, DestinationCounts> destinations) {
    this.destination = destination;
    this.isByType = isByType;
    this.destinations = destinations;
  }

  /** Counts for nobody what goes beside the live events, as replays do. */
  public static Traffic apart() {
    return new Traffic(event -> NOWHERE, false, name -> new DestinationCounts());
  }

  /** An event is handed to the publisher; {@code before} is what this told the last time. */
  public DestinationCounts leaves(OutboxEvent event, @Nullable DestinationCounts before) {
    inFlight.increment();
    var counts = before == null ? of(event) : before;
    counts.published.increment();
    if (before != null) {
      counts.retried.increment();
    }
    return counts;
  }

  /** The publisher has done with an event. */
  public void lands() {
    inFlight.add(-1);
  }

  /** The publisher has confirmed an event. */
  public void confirmed(DestinationCounts counts) {
    counts.confirmed.increment();
  }

  /** An event will never be accepted. */
  public void rejected(OutboxEvent event) {
    of(event).rejected.increment();
  }

  /** An event is set aside until its destination takes something again. */
  public void deferred(OutboxEvent event) {
    of(event).deferred.increment();
  }

  /** The outcomes of all that is in flight are of no interest any more. */
  public void forgets() {
    inFlight.set(0);
  }

  long inFlight() {
    return inFlight.value();
  }

  private DestinationCounts of(OutboxEvent event) {
    if (!isByType) {
      return named(nameOf(event));
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
    var counts = named(nameOf(event));
    byType
        .computeIfAbsent(event.aggregateType(), type -> new HashMap<>())
        .put(event.eventType(), counts);
    return counts;
  }

  private DestinationCounts named(String name) {
    var known = byName.get(name);
    return known != null ? known : remembered(name);
  }

  /** Those beyond the bound share one name, and are not remembered one by one. */
  private DestinationCounts remembered(String name) {
    var counts = destinations.apply(name);
    if (byName.size() <= DestinationMeters.MOST) {
      byName.put(name, counts);
    }
    return counts;
  }

  private String nameOf(OutboxEvent event) {
    try {
      String name = destination.apply(event);
      return name.isEmpty() ? NOWHERE : name;
    } catch (PublishException.Rejected none) {
      return NOWHERE;
    }
  }
}

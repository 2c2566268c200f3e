package io.outboxrelay.inbox;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A batch of received events. It supplies the parameter arrays of {@link InboxTable#note()}, and
 * turns the rows that this statement returns into outcomes.
 */
final class InboxBatch<M> {
  private final List<InboxMessage<M>> received;
  private final Set<UUID> noted = new HashSet<>();
  private final Map<Aggregate, Long> reached = new HashMap<>();

  private record Aggregate(String type, String id) {
    static Aggregate of(AggregatePosition place) {
      return new Aggregate(place.aggregateType(), place.aggregateId());
    }
  }

  InboxBatch(List<InboxMessage<M>> received) {
    this.received = List.copyOf(received);
  }

  UUID[] ids() {
    return received.stream().map(InboxMessage::id).toArray(UUID[]::new);
  }

  @Nullable String[] types() {
    return places(AggregatePosition::aggregateType).toArray(String[]::new);
  }

  @Nullable String[] aggregates() {
    return places(AggregatePosition::aggregateId).toArray(String[]::new);
  }

  @Nullable Long[] sequences() {
    return places(AggregatePosition::sequence).toArray(Long[]::new);
  }

  private <T> List<@Nullable T> places(Function<AggregatePosition, T> part) {
    var parts = new ArrayList<@Nullable T>();
    for (var event : received) {
      parts.add(event.place() == null ? null : part.apply(event.place()));
    }
    return parts;
  }

  /**
   * Records one row of the answer: an event that is new.
   *
   * @param type the type of the event's aggregate; null if the aggregate is not known
   * @param aggregate the id of the event's aggregate; null if it is not known
   * @param previous the highest sequence of the aggregate before this batch; null if there was none
   */
  void noted(UUID id, @Nullable String type, @Nullable String aggregate, @Nullable Long previous) {
    noted.add(id);
    if (type != null && aggregate != null && previous != null) {
      reached.put(new Aggregate(type, aggregate), previous);
    }
  }

  /** Returns each event with its outcome, in the order in which the events were received. */
  List<InboxResult<M>> arrivals() {
    var arrivals = new ArrayList<InboxResult<M>>(received.size());
    for (var event : received) {
      arrivals.add(new InboxResult<>(event, outcome(event)));
    }
    return arrivals;
  }

  private InboxOutcome outcome(InboxMessage<M> event) {
    // If a batch holds an event twice, the second one is a repeat.
    if (!noted.remove(event.id())) {
      return InboxOutcome.REPEATED;
    }
    var place = event.place();
    if (place == null) {
      return InboxOutcome.FIRST;
    }
    long highest = reached.getOrDefault(Aggregate.of(place), Long.MIN_VALUE);
    reached.put(Aggregate.of(place), Math.max(highest, place.sequence()));
    return place.sequence() < highest ? InboxOutcome.LATE : InboxOutcome.FIRST;
  }
}

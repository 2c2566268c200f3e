package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.DeadLetter;
import io.outboxrelay.deadletter.DeadLetterClaims;
import io.outboxrelay.deadletter.RedeliveryFailure;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is on its way out of the dead letters, beside the live events of the same lanes.
 *
 * <p>Lives on the event loop of its lanes.
 */
final class Redeliveries {
  private final OrderedDispatcher dispatcher;
  private final TermContext term;
  private final Map<String, ParkedAggregateRedelivery> underWay = new HashMap<>();

  /** Those under way, and those that wait until their aggregate has nothing in flight. */
  private final Set<ParkedAggregateRedelivery> begun = new HashSet<>();

  private final Set<SkippedEventRedelivery> deadLetters = new HashSet<>();

  Redeliveries(OrderedDispatcher dispatcher, TermContext term) {
    this.dispatcher = dispatcher;
    this.term = term;
  }

  /**
   * Begins to publish what an aggregate has in the dead letters. What still waits in its lane, or
   * is in flight as it was not parked, must be settled first, or would be taken for what came
   * later.
   */
  Future<Void> begin(String aggregateId, DeadLetterClaims claims) {
    if (term.deadLetters().isStuck(aggregateId)) {
      return Future.failedFuture(
          "the dead letters of an aggregate wait, as one of its events can be neither published nor"
              + " set aside for now");
    }
    var replay = new ParkedAggregateRedelivery(aggregateId, dispatcher, this, claims);
    begun.add(replay);
    replay.done().onComplete(over -> begun.remove(replay));
    boolean wasParked = !term.buried().parked().add(aggregateId);
    dispatcher.whenSettled(
        aggregateId,
        wasParked,
        () -> {
          underWay.put(aggregateId, replay);
          replay.start();
        });
    return replay.done();
  }

  /** Publishes one skipped event again; see {@link SkippedEventRedelivery#outcome}. */
  Future<Optional<RedeliveryFailure>> begin(DeadLetter deadLetter) {
    var replay = new SkippedEventRedelivery();
    deadLetters.add(replay);
    replay.outcome().onComplete(over -> deadLetters.remove(replay));
    dispatcher
        .publish(List.of(deadLetter), replay)
        .confirmed()
        .onSuccess(all -> replay.confirmed());
    return replay.outcome();
  }

  /**
   * Ends replays, also those that are yet to start, unless live events wait for them: these go on
   * to their end.
   */
  void stop() {
    List.copyOf(begun).forEach(ParkedAggregateRedelivery::stop);
  }

  /** Whether an event of the aggregate must not go where others go. */
  boolean includes(String aggregateId) {
    return !underWay.isEmpty() && underWay.containsKey(aggregateId);
  }

  /** The replay that live events of the aggregate wait for in memory; null where there is none. */
  @Nullable ParkedAggregateRedelivery holding(String aggregateId) {
    var replay = underWay.get(aggregateId);
    return replay != null && replay.isHolding() ? replay : null;
  }

  /** Completes when all that was to be buried of the aggregate by now is in the dead letters. */
  Future<Void> buried(String aggregateId) {
    return term.deadLetters().written(aggregateId);
  }

  void end(String aggregateId) {
    underWay.remove(aggregateId);
  }

  void unpark(String aggregateId) {
    term.buried().unpark(aggregateId);
  }

  void abandon(Throwable reason) {
    underWay.clear();
    List.copyOf(begun).forEach(replay -> replay.abandon(reason));
    List.copyOf(deadLetters).forEach(replay -> replay.abandon(reason));
  }
}

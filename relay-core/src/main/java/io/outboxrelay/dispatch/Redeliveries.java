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
 * The redeliveries under way in one {@link OrderedDispatcher}, which also publishes the live
 * events: the events read from the outbox.
 *
 * <p>Runs on the event loop of its dispatcher.
 */
final class Redeliveries {
  private final OrderedDispatcher dispatcher;
  private final TermContext term;
  private final Map<String, ParkedAggregateRedelivery> underWay = new HashMap<>();

  /**
   * The redeliveries under way, and the redeliveries that have not started yet because events of
   * their aggregate are not settled.
   */
  private final Set<ParkedAggregateRedelivery> begun = new HashSet<>();

  private final Set<SkippedEventRedelivery> deadLetters = new HashSet<>();

  Redeliveries(OrderedDispatcher dispatcher, TermContext term) {
    this.dispatcher = dispatcher;
    this.term = term;
  }

  /**
   * Starts the redelivery of a parked aggregate. Events of the aggregate that wait in a queue or
   * are in flight are settled first, because they come before the events that are accepted from now
   * on.
   */
  Future<Void> begin(String aggregateId, DeadLetterClaims claims) {
    if (term.deadLetters().isStuck(aggregateId)) {
      return Future.failedFuture(
          "the dead letters of an aggregate wait, because one of its events can at present be neither"
              + " published nor stored in the dead letters");
    }
    var redelivery = new ParkedAggregateRedelivery(aggregateId, dispatcher, this, claims);
    begun.add(redelivery);
    redelivery.done().onComplete(over -> begun.remove(redelivery));
    boolean wasParked = !term.snapshot().parked().add(aggregateId);
    dispatcher.whenSettled(
        aggregateId,
        wasParked,
        () -> {
          underWay.put(aggregateId, redelivery);
          redelivery.start();
        });
    return redelivery.done();
  }

  /** Starts the redelivery of one skipped event; see {@link SkippedEventRedelivery#outcome}. */
  Future<Optional<RedeliveryFailure>> begin(DeadLetter deadLetter) {
    var redelivery = new SkippedEventRedelivery();
    deadLetters.add(redelivery);
    redelivery.outcome().onComplete(over -> deadLetters.remove(redelivery));
    dispatcher
        .publish(List.of(deadLetter), redelivery)
        .confirmed()
        .onSuccess(all -> redelivery.confirmed());
    return redelivery.outcome();
  }

  /**
   * Tells all redeliveries to end soon, including those that have not started. A redelivery for
   * which live events wait continues until all dead letters of its aggregate are sent.
   */
  void stop() {
    List.copyOf(begun).forEach(ParkedAggregateRedelivery::stop);
  }

  /**
   * Returns true if the aggregate is being redelivered, so that its live events must not be
   * published now.
   */
  boolean includes(String aggregateId) {
    return !underWay.isEmpty() && underWay.containsKey(aggregateId);
  }

  /**
   * Returns the redelivery for which live events of the aggregate wait in memory; null if there is
   * none.
   */
  @Nullable ParkedAggregateRedelivery holding(String aggregateId) {
    var redelivery = underWay.get(aggregateId);
    return redelivery != null && redelivery.isHolding() ? redelivery : null;
  }

  /** Completes when every dead letter of the aggregate that is being written now is stored. */
  Future<Void> written(String aggregateId) {
    return term.deadLetters().written(aggregateId);
  }

  void end(String aggregateId) {
    underWay.remove(aggregateId);
  }

  void unpark(String aggregateId) {
    term.snapshot().unpark(aggregateId);
  }

  void abandon(Throwable reason) {
    underWay.clear();
    List.copyOf(begun).forEach(redelivery -> redelivery.abandon(reason));
    List.copyOf(deadLetters).forEach(redelivery -> redelivery.abandon(reason));
  }
}

package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.DeadLetter;
import io.outboxrelay.metrics.PartitionMetrics;
import io.outboxrelay.publish.DestinationLookup;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Keeps each aggregate's order while everything else overlaps.
 *
 * <p>A lane exists only for an aggregate that has something to wait for: with {@link
 * Ordering#ONE_AT_A_TIME} while an event of it is in flight, with {@link Ordering#PIPELINED} after
 * one of it has failed. All else is handed straight to the publisher.
 *
 * <p>Lives on one event loop, for as long as one term of ownership lasts.
 */
final class OrderedDispatcher {
  private final Publisher publisher;
  private final Ordering ordering;
  private final Function<OutboxEvent, String> destination;
  private final PartitionMetrics traffic;
  private final DestinationBreakers destinations;
  private final TermContext term;
  private final Context context;
  private final LongSupplier nanoTime;
  private final Map<String, AggregateQueue> dispatcher = new HashMap<>();
  private final ArrayDeque<PendingDelivery> handedOver = new ArrayDeque<>();
  private final Set<PageSlice> unsettled = new HashSet<>();
  private final RetryScheduler retries;
  private final Redeliveries replays;
  private final DeadLetterRouter deadLetterRouter;
  private long accepted;
  private long turns;
  private boolean handingOver;
  private boolean abandoned;

  /**
   * What lanes know of the broker.
   *
   * @param destination where an event goes; see {@link io.outboxrelay.publish.Broker#destination}
   * @param traffic counts what is published
   */
  record Way(
      Publisher publisher,
      Ordering ordering,
      Function<OutboxEvent, String> destination,
      PartitionMetrics traffic) {}

  /** Starts with nothing on its way, on the event loop of the caller. */
  OrderedDispatcher(Vertx vertx, Way way, Backoff backoff, TermContext term) {
    this(vertx, way, backoff, term, System::nanoTime);
  }

  /**
   * Starts by a clock of the caller's.
   *
   * @param nanoTime like {@link System#nanoTime}
   */
  OrderedDispatcher(
      Vertx vertx, Way way, Backoff backoff, TermContext term, LongSupplier nanoTime) {
    this.publisher = way.publisher;
    this.ordering = way.ordering;
    this.destination = DestinationLookup.emptyWhereNone(way.destination);
    this.traffic = way.traffic;
    this.destinations = term.destinations();
    this.term = term;
    this.context = vertx.getOrCreateContext();
    this.nanoTime = nanoTime;
    this.retries =
        new RetryScheduler(vertx, backoff, traffic, nanoTime, this::isClear, this::sendNext);
    this.replays = new Redeliveries(this, term);
    this.deadLetterRouter = new DeadLetterRouter(this, term);
  }

  /**
   * Takes on a slice; its future completes when every event of it is settled, and fails when the
   * term ends before.
   */
  void accept(PageSlice slice) {
    if (abandoned) {
      slice.abandon(new TermEndedException());
      return;
    }
    unsettled.add(slice);
    slice.confirmed().onComplete(settled -> unsettled.remove(slice));
    for (var event : slice.events()) {
      if (!abandoned) {
        accept(new PendingDelivery(event, slice, ++accepted));
      }
    }
  }

  PartitionMetrics traffic() {
    return traffic;
  }

  Redeliveries replays() {
    return replays;
  }

  Publisher publisher() {
    return publisher;
  }

  /**
   * Does something once what waits here of an aggregate is settled, or what is in flight.
   *
   * @param isParked whether nothing of it can be in flight that did not leave a lane behind
   */
  void whenSettled(String aggregateId, boolean isParked, Runnable action) {
    if (!isParked) {
      settleFirst(open(aggregateId));
    }
    var queue = dispatcher.get(aggregateId);
    if (queue == null) {
      action.run();
    } else {
      queue.whenClosed = action;
    }
  }

  private void settleFirst(AggregateQueue queue) {
    queue.barrier = turns;
    if (!queue.resting && queue.probe == null) {
      retries.add(queue);
    }
  }

  /** Publishes what was taken from the dead letters. */
  PageSlice publish(List<DeadLetter> deadLetters, Redelivery replay) {
    var defects = new HashMap<Long, String>();
    deadLetters.stream()
        .filter(deadLetter -> deadLetter.defect() != null)
        .forEach(deadLetter -> defects.put(deadLetter.event().seq(), deadLetter.defect()));
    var slice = new PageSlice(defects, replay);
    deadLetters.forEach(deadLetter -> slice.add(deadLetter.event()));
    slice.events().forEach(event -> enter(new PendingDelivery(event, slice, ++accepted)));
    return slice;
  }

  /**
   * Forgets everything: no event is handed over any more, and no outcome counts. Whatever is waited
   * for fails.
   */
  void abandon() {
    if (abandoned) {
      return;
    }
    abandoned = true;
    retries.end();
    traffic.forgets();
    dispatcher.clear();
    handedOver.clear();
    var reason = new TermEndedException();
    replays.abandon(reason);
    List.copyOf(unsettled).forEach(slice -> slice.abandon(reason));
  }

  private void accept(PendingDelivery delivery) {
    if (term.buried().knows(delivery.event.seq())) {
      delivery.slice.settleOne();
    } else if (replays.includes(delivery.event.aggregateId())) {
      deadLetterRouter.layAside(delivery);
    } else {
      enter(delivery);
    }
  }

  /** Takes on one event, behind what its aggregate has here. */
  void enter(PendingDelivery delivery) {
    if (abandoned) {
      return;
    }
    String aggregateId = delivery.event.aggregateId();
    var queue = dispatcher.isEmpty() ? null : dispatcher.get(aggregateId);
    if (queue != null) {
      queue.add(delivery);
    } else if (ordering == Ordering.ONE_AT_A_TIME || isToBeSetAside(delivery)) {
      var opened = open(aggregateId);
      opened.add(delivery);
      sendNext(opened);
    } else {
      send(delivery);
    }
  }

  private AggregateQueue open(String aggregateId) {
    return dispatcher.computeIfAbsent(aggregateId, id -> new AggregateQueue(id, turns));
  }

  /** Sends what the lane may send, and closes it when nothing is left. */
  private void sendNext(AggregateQueue queue) {
    boolean oneByOne = ordering == Ordering.ONE_AT_A_TIME || queue.attempts > 0;
    while (!abandoned && !queue.resting && queue.probe == null) {
      var next = queue.poll();
      if (next == null) {
        close(queue);
        return;
      }
      if (isToBeSetAside(next) && !isClear(queue)) {
        setAsideInTurn(next);
      } else if (oneByOne) {
        sendAlone(next, queue);
      } else {
        send(next);
        queue.barrier = turns;
      }
    }
  }

  private void close(AggregateQueue queue) {
    dispatcher.remove(queue.aggregateId);
    if (dispatcher.isEmpty()) {
      // Nothing that failed is left, so nothing shows any more that the broker takes nothing.
      retries.noOutage();
    }
    var waiting = queue.whenClosed;
    if (waiting != null) {
      waiting.run();
    }
  }

  private void sendAlone(PendingDelivery delivery, AggregateQueue queue) {
    queue.probe = delivery;
    if (!send(delivery) && queue.probe == delivery) {
      queue.probe = null;
    }
  }

  /**
   * Hands the event over, unless it is one for the dead letters; says whether it is in flight now.
   */
  private boolean send(PendingDelivery delivery) {
    var replay = delivery.slice.replay();
    if (replay != null && replay.isOver()) {
      traffic.settled(delivery.event);
      return false;
    }
    if (replay == null && term.buried().isParked(delivery.event.aggregateId())) {
      deadLetterRouter.layAside(delivery);
      return false;
    }
    String rejection = delivery.rejection;
    if (rejection != null) {
      deadLetterRouter.reject(delivery, rejection);
      return false;
    }
    if (delivery.deferred) {
      retries.noOutage();
      deadLetterRouter.defer(delivery);
      return false;
    }
    return handOver(delivery);
  }

  /** Whether the event is one for the dead letters, for now or for good. */
  private boolean isToBeSetAside(PendingDelivery delivery) {
    delivery.deferred =
        !destinations.isQuiet() && destinations.isClosed(destination(delivery.event));
    return delivery.deferred || delivery.rejection != null;
  }

  /** Where the event goes; empty where it has no destination. */
  String destination(OutboxEvent event) {
    return destination.apply(event);
  }

  private boolean handOver(PendingDelivery delivery) {
    if (!term.mayPublish().getAsBoolean()) {
      end(new LeaseExpiredException());
      return false;
    }
    delivery.leave(++turns, traffic);
    if (destinations.areOnTrial()) {
      destinations.handedOver(destination(delivery.event));
    }
    var outcome = publish(delivery.event);
    if (outcome.isComplete()) {
      // Before the next event of the aggregate leaves, which must wait for this one if it failed.
      conclude(delivery, outcome);
      return false;
    }
    delivery.inFlight = true;
    if (ordering == Ordering.PIPELINED) {
      handedOver.add(delivery);
    }
    handingOver = true;
    outcome.onComplete(result -> onLoop(() -> land(delivery, result)));
    handingOver = false;
    return true;
  }

  private Future<Void> publish(OutboxEvent event) {
    try {
      return publisher.publish(event);
    } catch (Throwable e) {
      return Future.failedFuture(e);
    }
  }

  /**
   * A publisher may answer on any thread, and nothing here may be touched on another than its own;
   * or right now, when the lane that sends does not know yet that it has sent.
   */
  void onLoop(Runnable action) {
    if (Vertx.currentContext() == context && !handingOver) {
      unlessAbandoned(action);
    } else {
      context.runOnContext(event -> unlessAbandoned(action));
    }
  }

  private void unlessAbandoned(Runnable action) {
    if (!abandoned) {
      action.run();
    }
  }

  /** The publisher has done with the event. */
  private void land(PendingDelivery delivery, AsyncResult<Void> outcome) {
    delivery.inFlight = false;
    while (!handedOver.isEmpty() && !handedOver.peek().inFlight) {
      handedOver.poll();
    }
    conclude(delivery, outcome);
    goOn(delivery);
  }

  private void conclude(PendingDelivery delivery, AsyncResult<Void> outcome) {
    traffic.lands();
    var failure = outcome.cause();
    if (failure == null) {
      delivery.confirmed(traffic);
      retries.succeeded();
      if (!destinations.isQuiet()) {
        destinations.confirmed(destination(delivery.event));
      }
      delivery.slice.settleOne();
    } else if (failure instanceof PublishException.Fatal) {
      end(failure);
    } else if (failure instanceof PublishException.Rejected) {
      if (destinations.areOnTrial()) {
        destinations.rejected(destination(delivery.event));
      }
      rejected(delivery, String.valueOf(failure.getMessage()));
    } else {
      var queue = hold(delivery);
      queue.countFailure(delivery);
      queue.takeBack(delivery);
      long since = delivery.failed(nanoTime.getAsLong());
      String to = destination(delivery.event);
      destinations.failed(to, since, String.valueOf(failure.getMessage()));
      retries.add(queue, delivery.event, to, failure);
    }
  }

  /** Sends what waited for {@code delivery}. */
  private void goOn(PendingDelivery delivery) {
    var queue = dispatcher.isEmpty() ? null : dispatcher.get(delivery.event.aggregateId());
    if (queue != null && queue.probe == delivery) {
      queue.probe = null;
      queue.attempts = 0;
      sendNext(queue);
    }
  }

  private void rejected(PendingDelivery delivery, String reason) {
    var queue = dispatcher.get(delivery.event.aggregateId());
    if (queue != null && queue.probe == delivery) {
      deadLetterRouter.reject(delivery, reason);
    } else {
      delivery.rejection = reason;
      setAsideInTurn(delivery);
    }
  }

  /**
   * An earlier event of the aggregate may still be in flight, or wait for another try: it must be
   * done with before this one goes to the dead letters, or it would be parked behind it.
   */
  private void setAsideInTurn(PendingDelivery delivery) {
    var queue = hold(delivery);
    queue.takeBack(delivery);
    retries.add(queue);
  }

  /**
   * Makes an aggregate's later events wait: those the publisher still has come back as failures and
   * belong in front of them.
   */
  private AggregateQueue hold(PendingDelivery delivery) {
    var queue = open(delivery.event.aggregateId());
    queue.barrier = turns;
    return queue;
  }

  /**
   * With a pipelining publisher, the other events of the aggregate that it still had must come back
   * first, or this one could be published before an earlier or behind a later one.
   */
  private boolean isClear(AggregateQueue queue) {
    var oldest = handedOver.peek();
    return oldest == null || oldest.turn > queue.barrier;
  }

  /** Nothing more goes out, or an aggregate's later events would overtake this one. */
  void end(Throwable failure) {
    abandon();
    term.onFailure().accept(failure);
  }
}

package io.outboxrelay.dispatch;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.breaker.DestinationBreakers;
import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.deadletter.DeadLetter;
import io.outboxrelay.publish.DestinationLookup;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
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
import org.jspecify.annotations.Nullable;

/**
 * Publishes events and keeps the order of each aggregate, while different aggregates overlap.
 *
 * <p>An aggregate has an {@link AggregateQueue} only while its events must wait. With {@link
 * Ordering#ONE_AT_A_TIME}, this is the time while one of its events is in flight. With {@link
 * Ordering#PIPELINED}, it is the time after one of its events has failed. All other events are
 * handed straight to the publisher.
 *
 * <p>Runs on one event loop, for one term.
 */
final class OrderedDispatcher {
  private final Publisher publisher;
  private final Ordering ordering;
  private final Function<OutboxEvent, String> destination;
  private final PartitionRecorder traffic;
  private final DestinationGate destinations;
  private final DestinationBreakers breakers;
  private final TermContext term;
  private final Context context;
  private final LongSupplier nanoTime;
  private final Map<String, AggregateQueue> queues = new HashMap<>();
  private final ArrayDeque<PendingDelivery> handedOver = new ArrayDeque<>();
  private final Set<PageSlice> unsettled = new HashSet<>();
  private final RetryScheduler retries;
  private final Redeliveries redeliveries;
  private final DeadLetterRouter deadLetterRouter;
  private long accepted;
  private long turns;
  private boolean handingOver;
  private boolean abandoned;

  /**
   * The publisher and the properties of its broker.
   *
   * @param destination returns where an event goes; see {@link
   *     io.outboxrelay.publish.Broker#destination}
   * @param traffic records what happens to the events of the partition
   */
  record PublisherBinding(
      Publisher publisher,
      Ordering ordering,
      Function<OutboxEvent, String> destination,
      PartitionRecorder traffic) {}

  /** Creates an empty dispatcher on the event loop of the caller. */
  OrderedDispatcher(Vertx vertx, PublisherBinding way, Backoff backoff, TermContext term) {
    this(vertx, way, backoff, term, System::nanoTime);
  }

  /**
   * Creates an empty dispatcher with a clock.
   *
   * @param nanoTime like {@link System#nanoTime}
   */
  OrderedDispatcher(
      Vertx vertx, PublisherBinding way, Backoff backoff, TermContext term, LongSupplier nanoTime) {
    this.publisher = way.publisher;
    this.ordering = way.ordering;
    this.destination = DestinationLookup.emptyWhereNone(way.destination);
    this.traffic = way.traffic;
    this.destinations = term.destinations();
    this.breakers = destinations.breakers();
    this.term = term;
    this.context = vertx.getOrCreateContext();
    this.nanoTime = nanoTime;
    this.retries =
        new RetryScheduler(vertx, backoff, traffic, nanoTime, this::isClear, this::sendNext);
    this.redeliveries = new Redeliveries(this, term);
    this.deadLetterRouter = new DeadLetterRouter(this, term);
  }

  /**
   * Accepts a slice. The slice's future completes when every event of the slice is settled, which
   * means confirmed or stored in the dead letters; it fails if the term ends before.
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

  PartitionRecorder traffic() {
    return traffic;
  }

  Redeliveries redeliveries() {
    return redeliveries;
  }

  Publisher publisher() {
    return publisher;
  }

  /**
   * Runs {@code action} once every event of the aggregate that waits here or is in flight is
   * settled.
   *
   * @param isParked true if the aggregate was parked before. A parked aggregate without a queue has
   *     no event in flight
   */
  void whenSettled(String aggregateId, boolean isParked, Runnable action) {
    if (!isParked) {
      settleFirst(open(aggregateId));
    }
    var queue = queues.get(aggregateId);
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

  /**
   * Publishes the dead letters of one redelivery. Returns a slice of their events; its future
   * completes when every event is settled.
   */
  PageSlice publish(List<DeadLetter> deadLetters, Redelivery redelivery) {
    var defects = new HashMap<Long, String>();
    deadLetters.stream()
        .filter(deadLetter -> deadLetter.defect() != null)
        .forEach(deadLetter -> defects.put(deadLetter.event().seq(), deadLetter.defect()));
    var slice = new PageSlice(defects, redelivery);
    deadLetters.forEach(deadLetter -> slice.add(deadLetter.event()));
    slice.events().forEach(event -> enter(new PendingDelivery(event, slice, ++accepted)));
    return slice;
  }

  /**
   * Ends the work of this dispatcher: no further event is handed over, outcomes are ignored, and
   * all pending slices and redeliveries fail.
   */
  void abandon() {
    if (abandoned) {
      return;
    }
    abandoned = true;
    retries.end();
    traffic.forgets();
    queues.clear();
    handedOver.clear();
    var reason = new TermEndedException();
    redeliveries.abandon(reason);
    List.copyOf(unsettled).forEach(slice -> slice.abandon(reason));
  }

  private void accept(PendingDelivery delivery) {
    if (term.snapshot().knows(delivery.event.seq())) {
      delivery.slice.settleOne();
    } else if (redeliveries.includes(delivery.event.aggregateId())) {
      deadLetterRouter.layAside(delivery);
    } else {
      enter(delivery);
    }
  }

  /** Accepts one event, behind the waiting events of its aggregate. */
  void enter(PendingDelivery delivery) {
    if (abandoned) {
      return;
    }
    String aggregateId = delivery.event.aggregateId();
    var queue = queues.isEmpty() ? null : queues.get(aggregateId);
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
    return queues.computeIfAbsent(aggregateId, id -> new AggregateQueue(id, turns));
  }

  /**
   * Sends events of the queue until one of them must be awaited, and closes the queue if it is
   * empty.
   */
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
    queues.remove(queue.aggregateId);
    retries.closed(queue);
    if (queues.isEmpty()) {
      // No queue is left, so no retry could show that the outage is over.
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
   * Hands the event to the publisher, or routes it to the dead letters.
   *
   * @return true if the event is in flight now
   */
  private boolean send(PendingDelivery delivery) {
    var redelivery = delivery.slice.redelivery();
    if (redelivery != null && redelivery.isOver()) {
      traffic.health().settled(delivery.event);
      return false;
    }
    if (redelivery == null && term.snapshot().isParked(delivery.event.aggregateId())) {
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

  /**
   * Finds out if the event must be deferred, and notes the result in {@code delivery}. Returns true
   * if the event must be deferred or rejected.
   */
  private boolean isToBeSetAside(PendingDelivery delivery) {
    delivery.deferred =
        !destinations.passesAll() && destinations.mustDefer(destination(delivery.event));
    return delivery.deferred || delivery.rejection != null;
  }

  /** Returns where the event goes; empty if it has no destination. */
  String destination(OutboxEvent event) {
    return destination.apply(event);
  }

  private boolean handOver(PendingDelivery delivery) {
    if (!term.mayPublish().getAsBoolean()) {
      end(new LeaseExpiredException());
      return false;
    }
    delivery.leave(++turns, traffic);
    if (breakers.areProbed()) {
      breakers.handedOver(destination(delivery.event));
    }
    var outcome = publish(delivery.event);
    if (outcome.isComplete()) {
      // The outcome is known and is processed at once, because after a failure the aggregate's next
      // event must wait.
      conclude(delivery, outcome.cause());
      return false;
    }
    delivery.inFlight = true;
    if (ordering == Ordering.PIPELINED) {
      handedOver.add(delivery);
    }
    handingOver = true;
    outcome.onComplete((none, failure) -> landed(delivery, failure));
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
   * Runs {@code action} on this dispatcher's event loop; has no effect once the dispatcher is
   * abandoned. On another thread, and while an event is being handed to the publisher, the action
   * is scheduled to run later. A publisher may report an outcome before the hand-over is recorded;
   * therefore this outcome must wait.
   */
  void onLoop(Runnable action) {
    if (isOnLoop()) {
      unlessAbandoned(action);
    } else {
      context.runOnContext(event -> unlessAbandoned(action));
    }
  }

  private boolean isOnLoop() {
    return Vertx.currentContext() == context && !handingOver;
  }

  private void unlessAbandoned(Runnable action) {
    if (!abandoned) {
      action.run();
    }
  }

  /**
   * Processes the outcome of an event as {@link #onLoop} would. If it is called on the event loop,
   * it creates no object, because it is called for every event.
   */
  private void landed(PendingDelivery delivery, @Nullable Throwable failure) {
    if (isOnLoop()) {
      if (!abandoned) {
        land(delivery, failure);
      }
    } else {
      onLoop(() -> land(delivery, failure));
    }
  }

  /** Processes the outcome of an event that was in flight. */
  private void land(PendingDelivery delivery, @Nullable Throwable failure) {
    delivery.inFlight = false;
    while (!handedOver.isEmpty() && !handedOver.peek().inFlight) {
      handedOver.poll();
    }
    conclude(delivery, failure);
    goOn(delivery);
  }

  /**
   * Decides what happens to an event after its outcome: it is settled, rejected or retried, or the
   * term ends.
   *
   * @param failure null if the broker has confirmed the event
   */
  private void conclude(PendingDelivery delivery, @Nullable Throwable failure) {
    traffic.health().lands();
    if (failure == null) {
      delivery.confirmed(traffic);
      if (retries.areSomeRare()) {
        retries.taken(queues.get(delivery.event.aggregateId()));
      }
      retries.succeeded();
      if (!breakers.areAllHealthy()) {
        breakers.confirmed(destination(delivery.event));
      }
      delivery.slice.settleOne();
    } else if (failure instanceof PublishException.Fatal) {
      end(failure);
    } else if (failure instanceof PublishException.Rejected) {
      if (breakers.areProbed()) {
        breakers.rejected(destination(delivery.event));
      }
      rejected(delivery, String.valueOf(failure.getMessage()));
    } else {
      var queue = hold(delivery);
      queue.countFailure(delivery);
      queue.takeBack(delivery);
      long since = delivery.failed(nanoTime.getAsLong());
      String to = destination(delivery.event);
      String why = String.valueOf(failure.getMessage());
      if (failure instanceof PublishException.PartlyTaken) {
        breakers.failedInPart(to, since, why);
      } else {
        breakers.failed(to, since, why);
      }
      if (failure instanceof PublishException.AccessDenied) {
        traffic.accessDenied();
      }
      retries.add(queue, delivery.event, to, failure);
    }
  }

  /** Sends the events that waited for {@code delivery}. */
  private void goOn(PendingDelivery delivery) {
    var queue = queues.isEmpty() ? null : queues.get(delivery.event.aggregateId());
    if (queue != null && queue.probe == delivery) {
      queue.probe = null;
      queue.attempts = 0;
      sendNext(queue);
    }
  }

  private void rejected(PendingDelivery delivery, String reason) {
    var queue = queues.get(delivery.event.aggregateId());
    if (queue != null && queue.probe == delivery) {
      deadLetterRouter.reject(delivery, reason);
    } else {
      delivery.rejection = reason;
      setAsideInTurn(delivery);
    }
  }

  /**
   * Moves the event to the dead letters after the earlier events of its aggregate that are in
   * flight or retried. If the event went to the dead letters first, those earlier events would be
   * blocked behind it.
   */
  private void setAsideInTurn(PendingDelivery delivery) {
    var queue = hold(delivery);
    queue.takeBack(delivery);
    retries.add(queue);
  }

  /**
   * Makes the later events of the aggregate wait in a queue, and returns the queue. If events that
   * are still in flight fail, too, they go back in front of the waiting events.
   */
  private AggregateQueue hold(PendingDelivery delivery) {
    var queue = open(delivery.event.aggregateId());
    queue.barrier = turns;
    return queue;
  }

  /**
   * Returns true if a pipelining publisher has reported every hand-over up to {@link
   * AggregateQueue#barrier}, so that the queue may retry. Before that, a retry could be published
   * before an earlier event or after a later one.
   */
  private boolean isClear(AggregateQueue queue) {
    var oldest = handedOver.peek();
    return oldest == null || oldest.turn > queue.barrier;
  }

  /**
   * Ends the term. Nothing more is published, because later events could overtake the failed one.
   * The failure is reported before the other events fail, because only the first report counts.
   */
  void end(Throwable failure) {
    term.onFailure().accept(failure);
    abandon();
  }
}

package io.outboxrelay.partition;

import io.outboxrelay.deadletter.DeadLetters;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Keeps each aggregate's order while everything else overlaps.
 *
 * <p>A lane exists only for an aggregate that has something to wait for: with {@link
 * Ordering#ONE_AT_A_TIME} while an event of it is in flight, with {@link Ordering#PIPELINED} after
 * one of it has failed. All else is handed straight to the publisher.
 *
 * <p>Lives on one event loop, for as long as one term of ownership lasts.
 */
final class Lanes {
  private final Publisher publisher;
  private final Ordering ordering;
  private final Term term;
  private final DeadLetters deadLetters;
  private final Context context;
  private final Map<String, Lane> lanes = new HashMap<>();
  private final ArrayDeque<Delivery> handedOver = new ArrayDeque<>();
  private final Retries retries;
  private long turns;
  private boolean abandoned;

  /** Starts with nothing on its way, on the event loop of the caller. */
  Lanes(Vertx vertx, Publisher publisher, Ordering ordering, Backoff backoff, Term term) {
    this.publisher = publisher;
    this.ordering = ordering;
    this.term = term;
    this.deadLetters = term.deadLetters().get();
    this.context = vertx.getOrCreateContext();
    this.retries = new Retries(vertx, backoff, this::mayRetry, this::sendNext);
  }

  /** Takes on a slice; its future completes when every event of it is settled. */
  void accept(Slice slice) {
    for (var event : slice.events()) {
      accept(new Delivery(event, slice));
    }
  }

  /** Forgets everything: no event is handed over any more, and no outcome counts. */
  void abandon() {
    abandoned = true;
    retries.stop();
    lanes.clear();
    handedOver.clear();
  }

  private void accept(Delivery delivery) {
    String aggregateId = delivery.event.aggregateId();
    var lane = lanes.isEmpty() ? null : lanes.get(aggregateId);
    if (lane != null) {
      lane.add(delivery);
    } else if (ordering == Ordering.ONE_AT_A_TIME) {
      var opened = open(aggregateId);
      opened.add(delivery);
      sendNext(opened);
    } else {
      send(delivery);
    }
  }

  private Lane open(String aggregateId) {
    return lanes.computeIfAbsent(aggregateId, Lane::new);
  }

  /** Sends what the lane may send, and closes it when nothing is left. */
  private void sendNext(Lane lane) {
    boolean oneByOne = ordering == Ordering.ONE_AT_A_TIME || lane.attempts > 0;
    while (lane.probe == null) {
      var next = lane.poll();
      if (next == null) {
        lanes.remove(lane.aggregateId);
        return;
      }
      if (send(next) && oneByOne) {
        lane.probe = next;
      }
    }
  }

  /** Hands the event over, unless it is one for the dead letters; says whether it did. */
  private boolean send(Delivery delivery) {
    if (isParked(delivery)) {
      bury(delivery, "waits behind an event of its aggregate that was rejected", true);
      return false;
    }
    var defects = delivery.slice.defects();
    String defect = defects.isEmpty() ? null : defects.get(delivery.event.seq());
    if (defect != null) {
      reject(delivery, defect);
      return false;
    }
    handOver(delivery);
    return true;
  }

  private boolean isParked(Delivery delivery) {
    return !term.parked().isEmpty() && term.parked().contains(delivery.event.aggregateId());
  }

  private void handOver(Delivery delivery) {
    delivery.turn = ++turns;
    delivery.inFlight = true;
    if (ordering == Ordering.PIPELINED) {
      handedOver.add(delivery);
    }
    publish(delivery.event)
        .onComplete(
            done -> onLoop(() -> confirmed(delivery)),
            failure -> onLoop(() -> failed(delivery, failure)));
  }

  private Future<Void> publish(OutboxEvent event) {
    try {
      return publisher.publish(event);
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  /** A publisher may answer on any thread; nothing here may be touched on another than its own. */
  private void onLoop(Runnable action) {
    if (Vertx.currentContext() == context) {
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

  private void confirmed(Delivery delivery) {
    landed(delivery);
    retries.succeeded();
    delivery.slice.settleOne();
    goOn(delivery);
  }

  private void landed(Delivery delivery) {
    delivery.inFlight = false;
    while (!handedOver.isEmpty() && !handedOver.peek().inFlight) {
      handedOver.poll();
    }
  }

  /** Sends what waited for {@code delivery}. */
  private void goOn(Delivery delivery) {
    var lane = lanes.isEmpty() ? null : lanes.get(delivery.event.aggregateId());
    if (lane != null && lane.probe == delivery) {
      lane.probe = null;
      lane.attempts = 0;
      sendNext(lane);
    }
  }

  private void failed(Delivery delivery, Throwable failure) {
    landed(delivery);
    if (failure instanceof PublishException.Fatal) {
      term.onFailure().accept(failure);
    } else if (failure instanceof PublishException.Rejected) {
      holdFollowers(delivery);
      reject(delivery, String.valueOf(failure.getMessage()));
      goOn(delivery);
    } else if (isParked(delivery)) {
      send(delivery);
    } else {
      var lane = hold(delivery);
      lane.takeBack(delivery);
      retries.add(lane, delivery.event, failure);
    }
  }

  /**
   * Makes an aggregate's later events wait: those the publisher still has come back as failures and
   * belong in front of them.
   */
  private Lane hold(Delivery delivery) {
    var lane = lanes.get(delivery.event.aggregateId());
    if (lane == null) {
      lane = open(delivery.event.aggregateId());
      lane.barrier = turns;
    }
    return lane;
  }

  private void holdFollowers(Delivery delivery) {
    if (ordering == Ordering.PIPELINED) {
      var lane = hold(delivery);
      if (lane.probe == null) {
        retries.add(lane);
      }
    }
  }

  /**
   * With a pipelining publisher, the later events of the aggregate that it still had must come back
   * first, or the earlier one would be published behind them.
   */
  private boolean mayRetry(Lane lane) {
    var oldest = handedOver.peek();
    return lane.probe == null && (oldest == null || oldest.turn > lane.barrier);
  }

  private void reject(Delivery delivery, String reason) {
    boolean hasAggregate = !delivery.event.aggregateId().isEmpty();
    switch (term.onRejected()) {
      case PARK -> {
        if (hasAggregate) {
          term.parked().add(delivery.event.aggregateId());
        }
        bury(delivery, reason, hasAggregate);
      }
      case SKIP -> bury(delivery, reason, false);
      case HALT ->
          term.onFailure()
              .accept(
                  new PublishException.Fatal(
                      delivery.event + " was rejected, and on-rejected is halt: " + reason, null));
    }
  }

  private void bury(Delivery delivery, String reason, boolean park) {
    long seq = delivery.event.seq();
    (park ? deadLetters.park(seq, reason) : deadLetters.skip(seq, reason))
        .onComplete(
            buried -> onLoop(delivery.slice::settleOne),
            failure -> onLoop(() -> term.onFailure().accept(failure)));
  }
}

package io.outboxrelay.dispatch;

import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A publisher that keeps the contract of its {@link Ordering} and otherwise behaves at random: it
 * fails before or after delivery, answers at once or late, and reports outcomes in another order
 * than it delivers.
 */
final class ScriptedPublisher implements Publisher {
  private final Ordering ordering;
  private final Random random;
  private final Map<String, List<Flight>> inFlight = new HashMap<>();
  private final List<Flight> flights = new ArrayList<>();
  private final List<OutboxEvent> delivered = new ArrayList<>();
  private final Set<Long> poisoned = new HashSet<>();
  private Predicate<OutboxEvent> refusing = event -> false;
  private final Set<Long> confirmed = new HashSet<>();
  private final List<Long> setAside = new ArrayList<>();
  private double failing;
  private double answeringAtOnce;
  private int published;
  private boolean failedAnything;

  private static final class Flight {
    final OutboxEvent event;
    final Promise<Void> answer = Promise.promise();
    boolean isDelivered;
    boolean isDoomed;

    Flight(OutboxEvent event) {
      this.event = event;
    }
  }

  ScriptedPublisher(Ordering ordering, Random random) {
    this.ordering = ordering;
    this.random = random;
  }

  /** Sets the share of events that fail as retryable. */
  void fail(double share) {
    failing = share;
  }

  /** Sets the share of events that have their outcome before {@link #publish} returns. */
  void answerAtOnce(double share) {
    answeringAtOnce = share;
  }

  /** Rejects this event from now on, unless it fails as retryable. */
  void poison(long seq) {
    poisoned.add(seq);
  }

  void cure(long seq) {
    poisoned.remove(seq);
  }

  /** Sets the events that go to a destination that accepts nothing. */
  void refuse(Predicate<OutboxEvent> which) {
    refusing = which;
  }

  boolean hasInFlight() {
    return !flights.isEmpty();
  }

  int inFlight() {
    return flights.size();
  }

  /** Returns how many events were handed over. */
  int published() {
    return published;
  }

  /** Returns the events that consumers see, in order, repeats included. */
  List<OutboxEvent> delivered() {
    return delivered;
  }

  /** Returns the events that were reported as set aside, in order. */
  List<Long> setAside() {
    return setAside;
  }

  boolean isConfirmed(long seq) {
    return confirmed.contains(seq);
  }

  boolean failedAnything() {
    return failedAnything;
  }

  @Override
  public Future<Void> publish(OutboxEvent event) {

    published++;
    var others = flightsOf(event);
    if (ordering == Ordering.ONE_AT_A_TIME && !others.isEmpty()) {
      throw new AssertionError(event + " was published beside " + others.get(0).event);
    }
    var flight = new Flight(event);
    // An event that was published after a failed one, but before the failure was reported, fails
    // too.
    flight.isDoomed = others.stream().anyMatch(other -> other.isDoomed);
    others.add(flight);
    flights.add(flight);
    if (random.nextDouble() < answeringAtOnce) {
      act(flight);
    }
    return flight.answer.future();
  }

  @Override
  public void setAside(OutboxEvent event, String reason, boolean rejected) {
    setAside.add(event.seq());
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }

  /** Delivers, fails or answers one event in flight, at random. */
  void act() {
    act(flights.get(random.nextInt(flights.size())));
  }

  private void act(Flight flight) {
    if (flight.isDelivered) {
      confirm(flight);
    } else if (flight.isDoomed) {
      fail(flight);
    } else if (random.nextDouble() < failing
        || poisoned.contains(flight.event.seq())
        || refusing.test(flight.event)) {
      // A lost confirm: the broker has the event, and its publisher cannot know.
      if (isFirst(flight)
          && !poisoned.contains(flight.event.seq())
          && !refusing.test(flight.event)
          && random.nextInt(4) == 0) {
        delivered.add(flight.event);
      }
      followersOf(flight).forEach(follower -> follower.isDoomed = true);
      flight.isDoomed = true;
      if (random.nextBoolean()) {
        fail(flight);
      }
    } else if (isFirst(flight)) {
      deliver(flight);
    }
  }

  private void deliver(Flight flight) {
    delivered.add(flight.event);
    flight.isDelivered = true;

    if (random.nextBoolean()) {
      confirm(flight);
    }
  }

  private void confirm(Flight flight) {
    land(flight);
    confirmed.add(flight.event.seq());

    flight.answer.complete();
  }

  private void fail(Flight flight) {
    land(flight);
    boolean rejects =
        poisoned.contains(flight.event.seq())
            && !refusing.test(flight.event)
            && random.nextDouble() >= failing;
    if (rejects) {
      flight.answer.fail(new PublishException.Rejected("is poisoned", null));
    } else {
      failedAnything = true;

      flight.answer.fail(new PublishException.Retryable("the broker is away", null));
    }
  }

  private List<Flight> flightsOf(OutboxEvent event) {
    return inFlight.computeIfAbsent(event.aggregateId(), id -> new ArrayList<>());
  }

  private void land(Flight flight) {
    flights.remove(flight);
    flightsOf(flight.event).remove(flight);
  }

  /** Returns true if no earlier event of the aggregate is still to be accepted by the broker. */
  private boolean isFirst(Flight flight) {
    return flightsOf(flight.event).stream()
        .filter(other -> !other.isDelivered)
        .findFirst()
        .orElseThrow()
        .equals(flight);
  }

  private List<Flight> followersOf(Flight flight) {
    var all = flightsOf(flight.event);
    return all.subList(all.indexOf(flight) + 1, all.size()).stream()
        .filter(follower -> !follower.isDelivered)
        .toList();
  }
}

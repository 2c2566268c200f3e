package io.outboxrelay.publish;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Publishes events as the relay does, so that a contract test observes the messages that consumers
 * would get.
 *
 * <p>It keeps to the {@link Ordering} that the broker declares. If an event fails, it waits for the
 * aggregate's other events in flight and then publishes the unconfirmed events again, in order; a
 * {@link PublishException.Rejected} event is left out. If an event succeeds that was published
 * behind a failed one, the publisher has broken the promise of {@link Ordering#PIPELINED}, and that
 * is recorded as a violation.
 */
public final class RelayRule {
  private static final long PAUSE_MILLIS = 100;
  private static final long TICK_MILLIS = 5;
  private static final int EVENTS_PER_TICK = 20;

  private final Vertx vertx;
  private final Context context;
  private final Publisher publisher;
  private final Ordering ordering;
  private final Map<String, Lane> dispatcher = new LinkedHashMap<>();
  private final List<OutboxEvent> confirmed = new ArrayList<>();
  private final Map<OutboxEvent, PublishException> rejected = new LinkedHashMap<>();
  private final List<String> violations = new ArrayList<>();
  private final Promise<Void> firstConfirm = Promise.promise();
  private final Promise<Outcome> done = Promise.promise();
  private int remaining;

  /**
   * @param context the context on which the publisher was connected and is called
   */
  public RelayRule(Vertx vertx, Context context, Publisher publisher, Ordering ordering) {
    this.vertx = vertx;
    this.context = context;
    this.publisher = publisher;
    this.ordering = ordering;
  }

  /**
   * The outcome of the events.
   *
   * @param confirmed the events in the order of their confirms
   * @param violations the publisher's violations of its declared ordering; empty if it is correct
   */
  public record Outcome(
      List<OutboxEvent> confirmed,
      Map<OutboxEvent, PublishException> rejected,
      List<String> violations) {}

  /**
   * Publishes the events; completes when each is confirmed or rejected, and fails with the first
   * {@link PublishException.Fatal}. Call it once.
   */
  public Future<Outcome> publish(List<OutboxEvent> events) {
    context.runOnContext(
        start -> {
          remaining = events.size();
          events.forEach(this::offer);
        });
    return done.future();
  }

  /**
   * Like {@link #publish}, but at 4,000 events a second, so that events are in flight when an
   * outage begins.
   */
  public Future<Outcome> publishSteadily(List<OutboxEvent> events) {
    context.runOnContext(
        start -> {
          remaining = events.size();
          var iterator = events.iterator();
          vertx.setPeriodic(
              TICK_MILLIS,
              timer -> {
                for (int i = 0; i < EVENTS_PER_TICK && iterator.hasNext(); i++) {
                  offer(iterator.next());
                }
                if (!iterator.hasNext()) {
                  vertx.cancelTimer(timer);
                }
              });
        });
    return done.future();
  }

  /** Completes with the first confirm. */
  public Future<Void> firstConfirm() {
    return firstConfirm.future();
  }

  private void offer(OutboxEvent event) {
    queue(event).waiting.add(event);
    queue(event).publishNext();
  }

  private Lane queue(OutboxEvent event) {
    return dispatcher.computeIfAbsent(event.aggregateId(), id -> new Lane());
  }

  /** Runs on the context, because a publisher may report on any thread. */
  private void onContext(Runnable action) {
    if (Vertx.currentContext() == context) {
      action.run();
    } else {
      context.runOnContext(ignored -> action.run());
    }
  }

  private void completeIfDone() {
    if (remaining == 0) {
      done.tryComplete(new Outcome(confirmed, rejected, violations));
    }
  }

  /** The events of one aggregate that are neither confirmed nor rejected yet, in order. */
  private final class Lane {
    private final List<OutboxEvent> waiting = new ArrayList<>();
    private final List<OutboxEvent> inFlight = new ArrayList<>();
    private final List<OutboxEvent> failed = new ArrayList<>();

    private void publishNext() {
      boolean blocked = ordering == Ordering.ONE_AT_A_TIME && !inFlight.isEmpty();
      if (blocked || !failed.isEmpty() || waiting.isEmpty()) {
        return;
      }
      var event = waiting.remove(0);
      inFlight.add(event);
      publisher
          .publish(event)
          .onComplete(
              ok -> onContext(() -> succeed(event)),
              failure -> onContext(() -> fail(event, failure)));
    }

    private void succeed(OutboxEvent event) {
      settle(event);
      confirmed.add(event);
      firstConfirm.tryComplete();
      for (var earlier : failed) {
        if (earlier.seq() < event.seq()) {
          violations.add(event + " was delivered though " + earlier + " had failed before it");
        }
      }
      remaining--;
      next();
    }

    private void fail(OutboxEvent event, Throwable failure) {
      settle(event);
      failed.add(event);
      if (failure instanceof PublishException.Rejected rejection) {
        rejected.put(event, rejection);
        remaining--;
      } else if (failure instanceof PublishException.Fatal) {
        done.tryFail(failure);
      } else if (!(failure instanceof PublishException.Retryable)) {
        violations.add(event + " failed with " + failure + ", which is no PublishException");
      }
      next();
    }

    private void settle(OutboxEvent event) {
      if (!inFlight.remove(event)) {
        violations.add(event + " was reported twice");
      }
    }

    private void next() {
      completeIfDone();
      if (failed.isEmpty()) {
        publishNext();
      } else if (inFlight.isEmpty()) {
        vertx.setTimer(PAUSE_MILLIS, pause -> publishAgain());
      }
    }

    private void publishAgain() {
      failed.removeIf(rejected::containsKey);
      failed.sort((one, other) -> Long.compare(one.seq(), other.seq()));
      waiting.addAll(0, failed);
      failed.clear();
      int count = ordering == Ordering.ONE_AT_A_TIME ? 1 : waiting.size();
      for (int i = 0; i < count; i++) {
        publishNext();
      }
    }
  }
}

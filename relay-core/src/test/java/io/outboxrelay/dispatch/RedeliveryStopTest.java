package io.outboxrelay.dispatch;

import static java.util.concurrent.TimeUnit.SECONDS;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.breaker.DestinationBreakers;
import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.deadletter.RejectionAction;
import io.outboxrelay.deadletter.RejectionPolicy;
import io.outboxrelay.dispatch.SimulatedDeadLetters.Letter;
import io.outboxrelay.lifecycle.SimulatedTime;
import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A relay stops in the middle of a page of dead letters. */
class RedeliveryStopTest {
  private static final String AGGREGATE = "order-1";
  private static final int DEAD_LETTERS = 20;
  private static final int BEFORE = 3;
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1));
  private static final Vertx VERTX = Vertx.vertx();
  private static final Context LOOP = VERTX.getOrCreateContext();

  private final SimulatedDeadLetters deadLetters = new SimulatedDeadLetters();
  private final SimulatedTime time = new SimulatedTime();
  private final List<OutboxEvent> events =
      LongStream.rangeClosed(1, DEAD_LETTERS)
          .mapToObj(seq -> Events.event(seq, AGGREGATE))
          .toList();
  private final SimulatedDeadLetterClaims claims =
      new SimulatedDeadLetterClaims(
          deadLetters,
          events.stream().collect(toMap(OutboxEvent::seq, Function.identity())),
          DEAD_LETTERS);

  @AfterAll
  static void close() throws TimeoutException {
    VERTX.close().await(60, SECONDS);
  }

  @ParameterizedTest
  @EnumSource
  void sendsNoMoreThanIsInFlightAndNothingTwice(Ordering ordering) {
    for (var event : events) {
      deadLetters.stored().put(event.seq(), new Letter("parked", "waits", true));
    }
    var publisher = new ScriptedPublisher(ordering, new Random(7));
    var dispatcher = dispatcher(publisher, ordering);

    var stopped = begin(dispatcher);
    while (publisher.delivered().size() < BEFORE) {
      step(publisher);
    }
    onLoop(() -> dispatcher.redeliveries().stop());
    toItsEnd(stopped, publisher);

    assertThat(publisher.delivered())
        .hasSize(ordering == Ordering.ONE_AT_A_TIME ? BEFORE : DEAD_LETTERS);
    assertThat(claims.waiting(AGGREGATE))
        .containsExactlyElementsOf(
            LongStream.rangeClosed(publisher.delivered().size() + 1, DEAD_LETTERS)
                .boxed()
                .toList());

    toItsEnd(begin(dispatcher), publisher);

    assertThat(publisher.delivered()).isEqualTo(events);
    assertThat(claims.waiting(AGGREGATE)).isEmpty();
  }

  @Test
  void aTermThatEndsLeavesNoOutcomeOpen() {
    deadLetters.stored().put(1L, new Letter("parked", "waits", true));
    var dispatcher =
        dispatcher(new ScriptedPublisher(Ordering.PIPELINED, new Random(7)), Ordering.PIPELINED);
    var slice = new PageSlice(Map.of());
    slice.add(Events.event(77, "order-2"));
    var single = new ArrayList<Future<?>>();

    var replay = begin(dispatcher);
    onLoop(() -> dispatcher.accept(slice));
    onLoop(
        () ->
            single.add(
                dispatcher
                    .redeliveries()
                    .begin(
                        new io.outboxrelay.deadletter.DeadLetter(
                            Events.event(78, "order-3"), null))));
    onLoop(dispatcher::abandon);
    var late = new PageSlice(Map.of());
    onLoop(() -> dispatcher.accept(late));

    assertThat(replay.cause()).isInstanceOf(TermEndedException.class);
    assertThat(single.get(0).cause()).isInstanceOf(TermEndedException.class);
    assertThat(slice.confirmed().cause()).isInstanceOf(TermEndedException.class);
    assertThat(late.confirmed().cause()).isInstanceOf(TermEndedException.class);
  }

  private OrderedDispatcher dispatcher(ScriptedPublisher publisher, Ordering ordering) {
    var parked = new HashSet<>(Set.of(AGGREGATE));
    var term =
        new TermContext(
            deadLetters.deadLetters(),
            RejectionPolicy.always(RejectionAction.PARK),
            () -> true,
            new DeadLetterSnapshot(parked, new HashSet<>()),
            new DestinationGate(
                new DestinationBreakers(Duration.ofSeconds(1), BACKOFF, time::nanoTime)),
            failure -> {
              throw new AssertionError(failure);
            });
    var way =
        new OrderedDispatcher.PublisherBinding(
            publisher, ordering, OutboxEvent::aggregateType, PartitionRecorder.apart());
    return new OrderedDispatcher(time.vertx(LOOP), way, BACKOFF, term, time::nanoTime);
  }

  private Future<Void> begin(OrderedDispatcher dispatcher) {
    var begun = new HashMap<String, Future<Void>>();
    onLoop(() -> begun.put(AGGREGATE, dispatcher.redeliveries().begin(AGGREGATE, claims)));
    return begun.getOrDefault(AGGREGATE, Future.failedFuture("it did not begin"));
  }

  private void toItsEnd(Future<Void> replay, ScriptedPublisher publisher) {
    while (!replay.isComplete()) {
      step(publisher);
    }
    assertThat(replay.succeeded()).isTrue();
  }

  /**
   * Takes one step. Tasks that the dispatcher has scheduled on the event loop run between two
   * steps.
   */
  private void step(ScriptedPublisher publisher) {
    onLoop(
        () -> {
          if (claims.isWorking()) {
            claims.act();
          } else if (publisher.hasInFlight()) {
            publisher.act();
          } else if (time.hasTimers()) {
            time.advance();
          }
        });
  }

  private static void onLoop(Runnable action) {
    Promise<Void> done = Promise.promise();
    LOOP.runOnContext(
        run -> {
          try {
            action.run();
            done.complete();
          } catch (Throwable e) {
            done.fail(e);
          }
        });
    try {
      done.future().await(60, SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    }
  }
}

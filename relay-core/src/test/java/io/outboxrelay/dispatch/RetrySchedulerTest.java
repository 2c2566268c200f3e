package io.outboxrelay.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.lifecycle.SimulatedTime;
import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.PublishException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One rule in each test; {@code OrderedDispatcherTest} tries all of them at random. */
class RetrySchedulerTest {
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final SimulatedTime time = new SimulatedTime();
  private final List<String> tried = new ArrayList<>();
  private final RetryScheduler retries =
      new RetryScheduler(
          time.vertx(),
          new Backoff(PAUSE, PAUSE),
          PartitionRecorder.apart(),
          time::nanoTime,
          queue -> true,
          queue -> tried.add(queue.aggregateId));

  private AggregateQueue fails(String aggregateId, String destination) {
    return fails(aggregateId, destination, new PublishException.Retryable("it is down", null));
  }

  private AggregateQueue fails(String aggregateId, String destination, PublishException failure) {
    var queue = new AggregateQueue(aggregateId, 0);
    queue.attempts = 1;
    retries.add(queue, Events.event(1, aggregateId), destination, failure);
    return queue;
  }

  /** Lets every pause pass, and then the scheduler's next turn run. */
  private void turn() {
    time.pass(PAUSE.toMillis());
    time.advance();
  }

  @Test
  void onlyAFewQueuesTryAtATurnWhileNothingSucceeds() {
    for (int i = 0; i < 20; i++) {
      fails("order-" + i, "down");
    }
    assertThat(tried).as("before the pause is over").isEmpty();

    turn();

    assertThat(tried).hasSize(8);
  }

  @Test
  void allQueuesTryOnceAnEventIsConfirmed() {
    for (int i = 0; i < 20; i++) {
      fails("order-" + i, "down");
    }

    retries.succeeded();
    turn();

    assertThat(tried).hasSize(20);
  }

  /** If only one destination is down, a confirm of another one ends the outage for all. */
  @Test
  void aDestinationThatWasNotTriedComesBeforeTheOthers() {
    for (int i = 0; i < 20; i++) {
      fails("order-" + i, "down");
    }
    fails("invoice", "up");

    turn();

    assertThat(tried).hasSize(8).startsWith("invoice");
  }

  @Test
  void aQueueWaitsForItsOwnPauseAlsoWhileOthersSucceed() {
    var queue = fails("order", "down");
    queue.notBefore = time.nanoTime() + Duration.ofMinutes(1).toNanos();
    retries.succeeded();

    turn();
    assertThat(tried).isEmpty();

    time.pass(60_000);
    turn();
    assertThat(tried).containsExactly("order");
  }

  /** Each try may leave a copy, so the destination first has to show that it takes events. */
  @Test
  void twoQueuesThatMayLeaveCopiesTryAtOnceIfTheirDestinationTakesAnEvent() {
    var partly = new PublishException.PartlyTaken("one queue is full", null);
    var taken = fails("order-0", "orders", partly);
    for (var queue :
        List.of(
            fails("invoice", "invoices", partly),
            fails("order-1", "orders", partly),
            fails("order-2", "orders", partly),
            fails("order-3", "orders", partly),
            taken)) {
      queue.notBefore = time.nanoTime() + Duration.ofMinutes(1).toNanos();
    }
    assertThat(retries.areSomeRare()).isTrue();

    retries.taken(taken);
    retries.succeeded();
    turn();

    assertThat(tried).containsExactly("order-1", "order-2");
  }

  @Test
  void nothingIsTriedAfterTheEnd() {
    fails("order", "down");
    retries.end();
    assertThat(time.hasTimers()).isFalse();

    fails("invoice", "down");
    assertThat(time.hasTimers()).isFalse();
  }
}

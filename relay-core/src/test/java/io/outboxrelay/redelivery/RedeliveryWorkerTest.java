package io.outboxrelay.redelivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.breaker.DestinationBreakers;
import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.deadletter.DeadLetter;
import io.outboxrelay.deadletter.DeadLetterClaims;
import io.outboxrelay.deadletter.RedeliveryFailure;
import io.outboxrelay.dispatch.RedeliveryPublisher;
import io.outboxrelay.lifecycle.SimulatedTime;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.publish.Events;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RedeliveryWorkerTest {
  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final Duration LONG = Duration.ofHours(1);
  private static final PendingRedeliveries NOTHING =
      new PendingRedeliveries(List.of(), List.of(), false);

  private final SimulatedTime time = new SimulatedTime();
  private final Table table = new Table();
  private final Claims claims = new Claims();
  private final Publisher publisher = new Publisher();
  private boolean isHeld;

  /** Finds each request once, as if its redelivery had changed the mark. */
  private final class Table implements RedeliveryTable {
    final List<String> calls = new ArrayList<>();
    PendingRedeliveries pending = NOTHING;
    Future<Void> search = Future.succeededFuture();
    Future<Void> beforeFind = Future.succeededFuture();
    Future<Void> beforeClaims = Future.succeededFuture();

    private <T> Future<T> call(String name, T result) {
      calls.add(name);
      return Future.succeededFuture(result);
    }

    long count(String name) {
      return calls.stream().filter(name::equals).count();
    }

    @Override
    public Future<Void> requestRetries() {
      return call("retries", NOTHING).mapEmpty();
    }

    @Override
    public Future<Boolean> isAnyPending() {
      return call("look", !pending.equals(NOTHING));
    }

    @Override
    public Future<PendingRedeliveries> find() {
      var found = pending;
      pending = NOTHING;
      return beforeFind.compose(passed -> call("find", found));
    }

    @Override
    public Future<Void> requestForgotten() {
      calls.add("forgotten");
      return search;
    }

    @Override
    public Future<DeadLetterClaims> claims() {
      return beforeClaims.compose(passed -> call("claims", claims));
    }

    @Override
    public Future<Boolean> sweep() {
      return call("sweep", false);
    }

    @Override
    public Future<Void> release() {
      return call("release", NOTHING).mapEmpty();
    }

    @Override
    public Future<Void> close() {
      return call("close", NOTHING).mapEmpty();
    }
  }

  private static final class Claims implements DeadLetterClaims {
    final List<Long> settled = new ArrayList<>();
    final List<RedeliveryFailure> givenBack = new ArrayList<>();
    List<DeadLetter> taken = List.of();

    @Override
    public Future<Page> next(String aggregateId, List<Long> done, long after) {
      throw new UnsupportedOperationException("the partitions do this");
    }

    @Override
    public Future<List<DeadLetter>> take(List<Long> seqs) {
      return Future.succeededFuture(taken);
    }

    @Override
    public Future<Void> settle(List<Long> done) {
      settled.addAll(done);
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> giveBack(String aggregateId, List<Long> done, RedeliveryFailure failure) {
      givenBack.add(failure);
      return Future.succeededFuture();
    }
  }

  private record Begun(String aggregateId, Promise<Void> end) {}

  private static final class Publisher implements RedeliveryPublisher {
    final List<String> begun = new ArrayList<>();
    final Deque<Begun> underWay = new ArrayDeque<>();
    Optional<RedeliveryFailure> outcome = Optional.empty();
    int stops;

    @Override
    public Future<Void> redeliver(String aggregateId, DeadLetterClaims of) {
      begun.add(aggregateId);
      var begins = new Begun(aggregateId, Promise.promise());
      underWay.add(begins);
      return begins.end.future();
    }

    @Override
    public Future<Optional<RedeliveryFailure>> redeliver(DeadLetter deadLetter) {
      begun.add("event " + deadLetter.event().seq());
      return Future.succeededFuture(outcome);
    }

    @Override
    public void stopRedeliveries() {
      stops++;
    }
  }

  private RedeliveryWorker started() {
    return started(false, Duration.ZERO);
  }

  private RedeliveryWorker started(boolean anyParked, Duration retryAfter) {
    var breakers =
        new DestinationBreakers(
            Duration.ofSeconds(1),
            new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1)),
            time::nanoTime);
    var scope =
        new RedeliveryWorker.Scope(
            new OutboxNames("public", "outbox"),
            new ShardKey(0, 1),
            new OwnerEpoch(0, 1),
            new RedeliverySchedule(INTERVAL, retryAfter, Duration.ofSeconds(10)),
            1_000,
            new DestinationGate(breakers));
    var worker =
        new RedeliveryWorker(time.vertx(), table, publisher, scope, anyParked, () -> isHeld);
    time.run(worker::start);
    return worker;
  }

  private static PendingRedeliveries aggregates(String... ids) {
    return new PendingRedeliveries(List.of(ids), List.of(), false);
  }

  /** Finds {@code work} at the next look, which a notification causes. */
  private void request(RedeliveryWorker worker, PendingRedeliveries work) {
    table.pending = work;
    time.run(worker::look);
  }

  private void endOldest() {
    time.run(publisher.underWay.remove().end::complete);
  }

  private void failOldest(Throwable failure) {
    time.run(() -> publisher.underWay.remove().end.fail(failure));
  }

  private static PgException locked() {
    return new PgException("the row is locked", "ERROR", "55P03", null);
  }

  /**
   * If a redelivery began then, the successor could publish later events of the aggregate
   * meanwhile.
   */
  @Test
  void nothingBeginsAfterADrainWithTheResultOfAQuery() {
    Promise<Void> find = Promise.promise();
    table.beforeFind = find.future();
    var worker = started();
    request(worker, aggregates("a"));

    time.run(() -> worker.drain(LONG));
    time.run(find::complete);
    time.elapse(LONG);

    assertThat(publisher.begun).isEmpty();
    assertThat(table.calls).contains("find").doesNotContain("claims");
  }

  @Test
  void nothingBeginsAfterADrainWithNewClaims() {
    Promise<Void> claimed = Promise.promise();
    table.beforeClaims = claimed.future();
    var worker = started();
    request(worker, new PendingRedeliveries(List.of("a"), List.of(), true));

    time.run(() -> worker.drain(LONG));
    time.run(claimed::complete);

    assertThat(publisher.begun).isEmpty();
    assertThat(table.calls).endsWith("claims");
  }

  @Test
  void aDrainBeginsNothingMoreAndEndsWhenThoseUnderWayHaveEnded() {
    var worker = started();
    request(worker, aggregates(names(20)));
    assertThat(publisher.begun).as("at a time").hasSize(16);

    var drained = new ArrayList<Future<Void>>();
    time.run(() -> drained.add(worker.drain(LONG)));
    assertThat(publisher.stops).isEqualTo(1);
    for (int i = 0; i < 16; i++) {
      assertThat(drained.get(0).isComplete()).isFalse();
      endOldest();
    }

    assertThat(drained.get(0).succeeded()).isTrue();
    assertThat(publisher.begun).hasSize(16);
  }

  @Test
  void aDrainWaitsForARedeliveryThatContinuesOnItsOwn() {
    var worker = started();
    request(worker, aggregates("slow"));
    time.elapse(Duration.ofSeconds(2));

    var drained = new ArrayList<Future<Void>>();
    time.run(() -> drained.add(worker.drain(LONG)));
    assertThat(drained.get(0).isComplete()).isFalse();
    endOldest();

    assertThat(drained.get(0).succeeded()).isTrue();
  }

  @Test
  void aStopClosesTheConnection() {
    var worker = started();
    time.run(worker::stop);
    assertThat(table.calls).endsWith("close");
    assertThat(time.hasTimers()).isFalse();
  }

  /** For example while events are published one by one, or everything is paused. */
  @Test
  void nothingBeginsWhileItIsHeld() {
    isHeld = true;
    var worker = started();
    request(worker, aggregates("a"));
    time.elapse(LONG);
    assertThat(publisher.begun).isEmpty();

    isHeld = false;
    request(worker, aggregates("a"));
    assertThat(publisher.begun).containsExactly("a");
  }

  @Test
  void aHoldThatBeginsDuringABatchLetsOnlyThoseUnderWayEnd() {
    var worker = started();
    request(worker, aggregates(names(20)));

    isHeld = true;
    for (int i = 0; i < 16; i++) {
      endOldest();
    }
    time.elapse(LONG);

    assertThat(publisher.begun).hasSize(16);
    assertThat(table.calls).last().as("nothing uses the connection").isEqualTo("release");
  }

  /** The aggregate is still parked, and perhaps no row of it is marked. */
  @Test
  void aRedeliveryWithAnUnknownOutcomeBeginsAgain() {
    var worker = started();
    request(worker, aggregates("a"));

    failOldest(new IllegalStateException("the connection was lost"));
    assertThat(publisher.begun).containsExactly("a");
    time.elapse(Duration.ofSeconds(1));
    assertThat(publisher.begun).containsExactly("a", "a");

    endOldest();
    time.elapse(LONG);
    assertThat(publisher.begun).hasSize(2);
  }

  @Test
  void anAggregateIsNotRedeliveredTwiceAtATime() {
    var worker = started();
    request(worker, aggregates("slow"));
    time.elapse(Duration.ofSeconds(2));

    request(worker, aggregates("slow", "b"));

    assertThat(publisher.begun).containsExactly("slow", "b");
  }

  @Test
  void aSlowRedeliveryDoesNotHoldUpTheOthers() {
    var worker = started();
    request(worker, aggregates(names(17)));
    assertThat(publisher.begun).hasSize(16);

    time.elapse(Duration.ofSeconds(2));

    assertThat(publisher.begun).hasSize(17);
  }

  /** The redelivery needs the connection to note what it has sent. */
  @Test
  void theConnectionStaysOpenForARedeliveryThatContinuesOnItsOwn() {
    var worker = started();
    assertThat(table.count("release")).isEqualTo(1);
    request(worker, aggregates("slow"));
    time.elapse(Duration.ofMinutes(1));
    assertThat(table.count("release")).isEqualTo(1);

    endOldest();
    time.elapse(Duration.ofMillis(1));
    assertThat(table.count("release")).isEqualTo(2);
  }

  @Test
  void anErrorThatTheServerReportsLeavesTheConnectionToTheOthers() {
    var worker = started();
    request(worker, aggregates("slow"));
    time.elapse(Duration.ofSeconds(2));
    request(worker, aggregates("b"));
    long before = table.count("release");

    publisher.underWay.addFirst(publisher.underWay.removeLast());
    failOldest(locked());
    assertThat(table.count("release")).isEqualTo(before);

    time.elapse(Duration.ofSeconds(1));
    publisher.underWay.addFirst(publisher.underWay.removeLast());
    failOldest(new IllegalStateException("no answer"));
    assertThat(table.count("release")).as("the connection is of no use").isEqualTo(before + 1);
  }

  @Test
  void anErrorThatTheServerReportsDoesNotStopTheOthers() {
    var worker = started();
    request(worker, aggregates(names(17)));
    failOldest(locked());
    assertThat(publisher.begun).hasSize(17);
  }

  @Test
  void aLostConnectionBeginsNoOthers() {
    var worker = started();
    request(worker, aggregates(names(17)));
    failOldest(new IllegalStateException("the connection was lost"));
    assertThat(publisher.begun).hasSize(16);
  }

  @Test
  void aggregatesThatAnEarlierTermHasLeftAreSearchedForOnceInATerm() {
    Promise<Void> search = Promise.promise();
    table.search = search.future();
    started(true, Duration.ZERO);
    time.elapse(INTERVAL.multipliedBy(3));
    assertThat(table.count("forgotten")).isEqualTo(1);
    assertThat(table.count("release")).as("the search uses the connection").isZero();

    time.run(() -> search.fail("interrupted"));
    table.search = Future.succeededFuture();
    time.elapse(INTERVAL);
    assertThat(table.count("forgotten")).isEqualTo(2);
    time.elapse(LONG);
    assertThat(table.count("forgotten")).isEqualTo(2);
  }

  @Test
  void aSearchThatHasEndedIsFollowedByALook() {
    Promise<Void> search = Promise.promise();
    table.search = search.future();
    started(true, Duration.ZERO);
    table.pending = aggregates("left");

    time.run(search::complete);

    assertThat(publisher.begun).containsExactly("left");
  }

  @Test
  void nothingIsSearchedForIfNoAggregateIsParked() {
    started();
    time.elapse(LONG);
    assertThat(table.count("forgotten")).isZero();
  }

  @Test
  void retriesAreRequestedOnlyIfTheyAreConfigured() {
    started();
    time.elapse(INTERVAL);
    assertThat(table.count("retries")).isZero();
  }

  @Test
  void retriesAreRequestedBeforeEachLook() {
    started(false, Duration.ofSeconds(1));
    time.elapse(Duration.ofSeconds(1));
    assertThat(table.calls).startsWith("retries", "look").containsSubsequence("look", "retries");
  }

  @Test
  void aMissedNotificationIsMadeUpForAtTheNextLook() {
    started();
    table.pending = aggregates("a");
    time.elapse(INTERVAL);
    assertThat(publisher.begun).containsExactly("a");
  }

  @Test
  void redeliveredRowsAreDeletedInEachRound() {
    var worker = started();
    request(worker, new PendingRedeliveries(List.of(), List.of(), true));
    assertThat(table.count("sweep")).isEqualTo(1);

    request(worker, new PendingRedeliveries(List.of("a"), List.of(), true));
    endOldest();
    assertThat(table.count("sweep")).isEqualTo(2);
  }

  @Test
  void aSkippedEventThatIsConfirmedIsSettled() {
    claims.taken = List.of(new DeadLetter(Events.event(7, "a"), null));
    request(started(), new PendingRedeliveries(List.of(), List.of(7L), false));

    assertThat(publisher.begun).containsExactly("event 7");
    assertThat(claims.settled).containsExactly(7L);
    assertThat(claims.givenBack).isEmpty();
  }

  @Test
  void aSkippedEventThatIsRejectedAgainStaysADeadLetter() {
    claims.taken = List.of(new DeadLetter(Events.event(7, "a"), null));
    var rejection = new RedeliveryFailure(7, "too large", "orders", true);
    publisher.outcome = Optional.of(rejection);
    request(started(), new PendingRedeliveries(List.of(), List.of(7L), false));

    assertThat(claims.givenBack).containsExactly(rejection);
    assertThat(claims.settled).isEmpty();
  }

  @Test
  void aSkippedEventThatCannotBeClaimedIsNotPublished() {
    request(started(), new PendingRedeliveries(List.of(), List.of(7L), false));
    assertThat(publisher.begun).isEmpty();

    long looks = table.count("look");
    time.elapse(Duration.ofMillis(1));
    assertThat(table.count("look")).as("it is no failure").isEqualTo(looks + 1);
  }

  private static String[] names(int count) {
    return IntStream.range(0, count).mapToObj(i -> "order-" + i).toArray(String[]::new);
  }
}

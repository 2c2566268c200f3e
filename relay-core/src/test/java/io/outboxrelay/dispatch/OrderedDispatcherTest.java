package io.outboxrelay.dispatch;

import static java.util.concurrent.TimeUnit.SECONDS;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.breaker.DestinationBreakers;
import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.deadletter.RejectionAction;
import io.outboxrelay.deadletter.RejectionPolicy;
import io.outboxrelay.lifecycle.SimulatedTime;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.testkit.RandomRuns;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * The promises of the dispatcher with any publisher that keeps its {@link Ordering}: no event is
 * lost, none overtakes another one of its aggregate, and none is published twice without need.
 */
class OrderedDispatcherTest {
  private static final int RUNS = RandomRuns.of(1_500);
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1));
  private static final RelayMetrics METRICS = RelayMetrics.alone();
  private static final PartitionRecorder TRAFFIC =
      PartitionRecorder.of(
          0,
          METRICS.health().partition(0, 0),
          METRICS.traffic(0, 0, OutboxEvent::aggregateType, true));
  private static final Vertx VERTX = Vertx.vertx();
  private static final Context LOOP = VERTX.getOrCreateContext();

  @AfterAll
  static void close() throws TimeoutException {
    VERTX.close().await(60, SECONDS);
  }

  @Test
  void parkingHoldsForAPipeliningPublisher() {
    runs(Ordering.PIPELINED, RejectionAction.PARK);
  }

  @Test
  void parkingHoldsOneAtATime() {
    runs(Ordering.ONE_AT_A_TIME, RejectionAction.PARK);
  }

  @Test
  void skippingHoldsForAPipeliningPublisher() {
    runs(Ordering.PIPELINED, RejectionAction.SKIP);
  }

  @Test
  void skippingHoldsOneAtATime() {
    runs(Ordering.ONE_AT_A_TIME, RejectionAction.SKIP);
  }

  @Test
  void haltingHoldsForAPipeliningPublisher() {
    runs(Ordering.PIPELINED, RejectionAction.HALT);
  }

  @Test
  void haltingHoldsOneAtATime() {
    runs(Ordering.ONE_AT_A_TIME, RejectionAction.HALT);
  }

  private static void runs(Ordering ordering, RejectionAction onRejected) {
    for (long seed = 1; seed <= RUNS; seed++) {
      var run = new Run(ordering, onRejected, seed);
      try {
        onLoop(run::start).await(20, SECONDS);
      } catch (Throwable e) {
        throw new AssertionError(ordering + ", " + onRejected + ", seed " + seed, e);
      }
    }
  }

  /** One random schedule, on a real event loop with simulated time. */
  private static final class Run {
    private final Random random;
    private final RejectionAction onRejected;
    private final Bench bench;
    private final List<OutboxEvent> events;
    private final Set<Long> bad = new HashSet<>();
    private final Map<Long, String> defects = new HashMap<>();
    private final ArrayDeque<PageSlice> waiting = new ArrayDeque<>();
    private final Map<PageSlice, List<OutboxEvent>> slices = new LinkedHashMap<>();
    private final Promise<Void> done = Promise.promise();
    private int steps;

    Run(Ordering ordering, RejectionAction onRejected, long seed) {
      this.random = new Random(seed);
      this.onRejected = onRejected;
      this.bench = new Bench(ordering, onRejected, random);
      this.events = Events.interleaved(1 + random.nextInt(40), 1 + random.nextInt(5));
      bench.publisher.answerAtOnce(random.nextBoolean() ? 0 : random.nextDouble());
      spoilSome();
      cut();
    }

    private void spoilSome() {
      double share = random.nextBoolean() ? 0 : random.nextDouble() / 5;
      for (var event : events) {
        if (random.nextDouble() < share) {
          bad.add(event.seq());
          if (random.nextBoolean()) {
            bench.publisher.poison(event.seq());
          } else {
            defects.put(event.seq(), "has a defect");
          }
        }
      }
    }

    private void cut() {
      for (int at = 0; at < events.size(); ) {
        int end = Math.min(events.size(), at + 1 + random.nextInt(15));
        var slice = new PageSlice(defects);
        events.subList(at, end).forEach(slice::add);
        slices.put(slice, events.subList(at, end));
        waiting.add(slice);
        at = end;
      }
    }

    Future<Void> start() {
      bench.open();
      slices.forEach((slice, all) -> slice.confirmed().onSuccess(ok -> assertSettled(all)));
      step();
      return done.future();
    }

    /**
     * Each step is a task of its own on the event loop, so tasks that the dispatcher schedules run
     * between two steps.
     */
    private void step() {
      try {
        if (++steps > 100_000) {
          throw new AssertionError("it never ends");
        }
        if (act()) {
          LOOP.runOnContext(next -> step());
        } else {
          assertEverythingHolds();
          done.tryComplete();
        }
      } catch (Throwable e) {
        done.tryFail(e);
      }
    }

    private boolean act() {
      bench.publisher.fail(random.nextInt(20) == 0 ? random.nextDouble() : bench.calm(steps));
      var possible = new ArrayList<Runnable>();
      if (!waiting.isEmpty() && bench.failures.isEmpty()) {
        possible.add(() -> bench.dispatcher().accept(waiting.remove()));
      }
      if (bench.publisher.hasInFlight()) {
        possible.add(bench.publisher::act);
      }
      if (bench.deadLetters.isWriting()) {
        possible.add(bench.deadLetters::answer);
        possible.add(bench.deadLetters::hide);
      }
      if (bench.time.hasTimers()) {
        possible.add(bench.time::advance);
      }
      if (possible.isEmpty()) {
        return false;
      }
      possible.get(random.nextInt(possible.size())).run();
      return true;
    }

    private void assertSettled(List<OutboxEvent> slice) {
      try {
        assertThat(slice).allMatch(this::isSettled, "is confirmed or buried");
      } catch (AssertionError e) {
        done.tryFail(e);
      }
    }

    private boolean isSettled(OutboxEvent event) {
      return bench.publisher.isConfirmed(event.seq())
          || bench.deadLetters.stored().containsKey(event.seq());
    }

    private void assertEverythingHolds() {
      assertNoTroubleIsLeft();
      var delivered = bench.publisher.delivered();
      if (!bench.publisher.failedAnything()) {
        assertThat(delivered).doesNotHaveDuplicates();
      }
      var first = List.copyOf(new LinkedHashSet<>(delivered));
      assertThat(byAggregate(first)).isEqualTo(byAggregate(expected(first)));
      assertThat(delivered).noneMatch(event -> bad.contains(event.seq()));
      if (onRejected == RejectionAction.HALT && !bad.isEmpty()) {
        assertThat(bench.failures).hasSize(1).first().isInstanceOf(HaltException.class);
      } else {
        assertThat(bench.failures).isEmpty();
        assertThat(slices.keySet()).allMatch(slice -> slice.confirmed().isComplete());
        assertNewDeadLetters();
      }
    }

    /**
     * At the end no event waits for a retry, so neither a failing event nor a failing broker may be
     * reported.
     */
    private void assertNoTroubleIsLeft() {
      assertThat(METRICS.health().event(0)).as("the event in trouble").isEmpty();
      assertThat(METRICS.health().broker(0)).as("the broker's trouble").isEmpty();
      assertThat(METRICS.retrying()).as("aggregates that wait for another try").isZero();
    }

    private void assertNewDeadLetters() {
      var expected = new ArrayList<>(events);
      expected.removeAll(bench.publisher.delivered());
      assertThat(bench.deadLetters.stored().keySet())
          .containsExactlyInAnyOrderElementsOf(expected.stream().map(OutboxEvent::seq).toList());
      String state = onRejected == RejectionAction.PARK ? "parked" : "skipped";
      assertThat(bench.deadLetters.stored().values())
          .allMatch(deadLetter -> deadLetter.state().equals(state));
      var order = bench.deadLetters.order();
      assertThat(bench.publisher.setAside()).as("what the publisher was told").isEqualTo(order);
      for (var aggregate : byAggregate(expected).values()) {
        assertThat(order.stream().filter(aggregate::contains)).isSorted();
      }
    }

    /**
     * Returns the events that consumers must see: all that the rejection policy lets through, up to
     * a halt.
     */
    private List<OutboxEvent> expected(List<OutboxEvent> delivered) {
      var blocked = new HashSet<String>();
      var through = new ArrayList<OutboxEvent>();
      for (var event : events) {
        if (bad.contains(event.seq())) {
          if (onRejected != RejectionAction.SKIP) {
            blocked.add(event.aggregateId());
          }
        } else if (!blocked.contains(event.aggregateId())) {
          through.add(event);
        }
      }
      if (!bench.failures.isEmpty()) {
        // The halt may have come at any event, so of each aggregate the first events are expected.
        var perAggregate = byAggregate(delivered);
        var seen = new HashMap<String, Integer>();
        through.removeIf(
            event ->
                seen.merge(event.aggregateId(), 1, Integer::sum)
                    > perAggregate.getOrDefault(event.aggregateId(), List.of()).size());
      }
      return through;
    }

    private static Map<String, List<Long>> byAggregate(List<OutboxEvent> events) {
      var result = new HashMap<String, List<Long>>();
      events.stream()
          .collect(groupingBy(OutboxEvent::aggregateId))
          .forEach((id, all) -> result.put(id, all.stream().map(OutboxEvent::seq).toList()));
      return result;
    }
  }

  /** An {@link OrderedDispatcher} with collaborators under a test's control. */
  private static final class Bench {
    final SimulatedTime time = new SimulatedTime();
    final SimulatedDeadLetters deadLetters = new SimulatedDeadLetters();
    final List<Throwable> failures = new ArrayList<>();
    final Set<String> parked = new HashSet<>();
    final ScriptedPublisher publisher;
    private final Ordering ordering;
    private final RejectionAction onRejected;
    private final double usualFailures;
    private @Nullable OrderedDispatcher dispatcher;
    boolean mayPublish = true;

    Bench(Ordering ordering, RejectionAction onRejected, Random random) {
      this.ordering = ordering;
      this.onRejected = onRejected;
      this.publisher = new ScriptedPublisher(ordering, random);
      this.usualFailures = random.nextBoolean() ? 0 : random.nextDouble() / 2;
    }

    /** To be called on the event loop. */
    void open() {
      open(publisher);
    }

    void open(Publisher other) {
      var term =
          new TermContext(
              deadLetters.deadLetters(),
              RejectionPolicy.always(onRejected),
              () -> mayPublish,
              new DeadLetterSnapshot(parked, Set.of()),
              new DestinationGate(
                  new DestinationBreakers(Duration.ofHours(1), BACKOFF, time::nanoTime)),
              failures::add);
      var way =
          new OrderedDispatcher.PublisherBinding(
              other, ordering, OutboxEvent::aggregateType, TRAFFIC);
      dispatcher = new OrderedDispatcher(time.vertx(LOOP), way, BACKOFF, term, time::nanoTime);
    }

    /**
     * Returns the share of events that fail: 0 after many steps, because otherwise a run might not
     * end.
     */
    double calm(int steps) {
      return steps < 2_000 ? usualFailures : 0;
    }

    PageSlice accept(List<OutboxEvent> events) {
      var slice = new PageSlice(Map.of());
      events.forEach(slice::add);
      dispatcher().accept(slice);
      return slice;
    }

    OrderedDispatcher dispatcher() {
      return Objects.requireNonNull(dispatcher);
    }
  }

  /**
   * The publisher rejects the first of three events and returns the two behind it, as for Kafka.
   */
  @Test
  void anEventThatWasHeldBehindARejectedOneIsNoTroubleOnceItIsParked() throws TimeoutException {
    var bench = new Bench(Ordering.PIPELINED, RejectionAction.PARK, new Random(1));
    var answers = new ArrayList<Promise<Void>>();
    onLoop(
            () -> {
              bench.open(
                  publisher(
                      event -> {
                        Promise<Void> answer = Promise.promise();
                        answers.add(answer);
                        return answer.future();
                      }));
              bench.accept(ofOneAggregate(3));
              answers.get(1).fail(new PublishException.Retryable("held behind", null));
              answers.get(2).fail(new PublishException.Retryable("held behind", null));
              return Future.succeededFuture();
            })
        .await(60, SECONDS);
    assertThat(onLoop(() -> Future.succeededFuture(METRICS.health().event(0))).await(60, SECONDS))
        .isPresent();
    onLoop(
            () -> {
              answers.get(0).fail(new PublishException.Rejected("too large", null));
              return Future.succeededFuture();
            })
        .await(60, SECONDS);
    onLoop(
            () -> {
              for (int i = 0; i < 20; i++) {
                if (bench.deadLetters.isWriting()) {
                  bench.deadLetters.answer();
                }
                if (bench.time.hasTimers()) {
                  bench.time.advance();
                }
              }
              return Future.succeededFuture();
            })
        .await(60, SECONDS);
    assertThat(bench.deadLetters.stored()).hasSize(3);
    assertThat(METRICS.health().event(0)).isEmpty();
    assertThat(METRICS.retrying()).isZero();
  }

  @Test
  void nothingLeavesWhenTheShardMayNotBeOursAnyMore() throws TimeoutException {
    for (var ordering : Ordering.values()) {
      var bench = new Bench(ordering, RejectionAction.PARK, new Random(1));
      var published = new ArrayList<OutboxEvent>();
      bench.mayPublish = false;
      onLoop(
              () -> {
                bench.open(publisher(event -> noted(event, published)));
                bench.accept(ofOneAggregate(3));
                return Future.succeededFuture();
              })
          .await(60, SECONDS);

      assertThat(published).isEmpty();
      assertThat(bench.failures)
          .singleElement()
          .asString()
          .contains("nothing was heard from the database for relay.answer-timeout");
    }
  }

  private static Future<Void> noted(OutboxEvent event, List<OutboxEvent> published) {
    published.add(event);
    return Future.succeededFuture();
  }

  @Test
  void aHotAggregateDoesNotOverflowTheStack() throws TimeoutException {
    var bench = new Bench(Ordering.ONE_AT_A_TIME, RejectionAction.PARK, new Random(1));
    var confirms = new ArrayDeque<Promise<Void>>();
    var slice =
        onLoop(
            () -> {
              bench.open(publisher(event -> later(confirms)));
              return Future.succeededFuture(bench.accept(ofOneAggregate(10_000)));
            });

    onLoop(() -> confirmAll(confirms));

    slice.await(60, SECONDS).confirmed().await(60, SECONDS);
  }

  @Test
  void aHotAggregateOfAPublisherThatAnswersAtOnceDoesNotOverflowTheStack() throws TimeoutException {
    for (var ordering : Ordering.values()) {
      var bench = new Bench(ordering, RejectionAction.PARK, new Random(1));
      var slice =
          onLoop(
              () -> {
                bench.open(publisher(event -> Future.succeededFuture()));
                return Future.succeededFuture(bench.accept(ofOneAggregate(10_000)));
              });

      slice.await(60, SECONDS).confirmed().await(60, SECONDS);
    }
  }

  @Test
  void aHotAggregateThatIsParkedDoesNotOverflowTheStack() throws TimeoutException {
    for (var ordering : Ordering.values()) {
      var bench = new Bench(ordering, RejectionAction.PARK, new Random(1));
      bench.publisher.poison(1);
      onLoop(
              () -> {
                bench.open();
                var slice = bench.accept(ofOneAggregate(10_000));
                while (!slice.confirmed().isComplete()) {
                  if (bench.publisher.hasInFlight()) {
                    bench.publisher.act();
                  } else if (bench.deadLetters.isWriting()) {
                    bench.deadLetters.answer();
                  } else {
                    bench.time.advance();
                  }
                }
                return Future.succeededFuture();
              })
          .await(60, SECONDS);

      assertThat(bench.deadLetters.order())
          .isEqualTo(LongStream.rangeClosed(1, 10_000).boxed().toList());
    }
  }

  @Test
  void anOutageIsProbedByAFewAndThenAllRecover() throws TimeoutException {
    for (var ordering : Ordering.values()) {
      var bench = new Bench(ordering, RejectionAction.PARK, new Random(1));
      onLoop(
              () -> {
                bench.open();
                bench.publisher.fail(1);
                var slice = bench.accept(Events.interleaved(10_000, 10_000));
                failAllInFlight(bench);
                for (int turn = 0; turn < 50; turn++) {
                  bench.time.advance();
                  assertThat(bench.publisher.inFlight()).isBetween(0, 8);
                  failAllInFlight(bench);
                }
                assertThat(bench.publisher.published()).isBetween(10_100, 10_400);
                bench.publisher.fail(0);
                while (!slice.confirmed().isComplete()) {
                  if (bench.publisher.hasInFlight()) {
                    bench.publisher.act();
                  } else {
                    bench.time.advance();
                  }
                }
                assertThat(bench.time.fired()).isLessThan(60);
                return Future.succeededFuture();
              })
          .await(30, SECONDS);
      assertThat(new HashSet<>(bench.publisher.delivered())).hasSize(10_000);
    }
  }

  /**
   * An event of a working destination waits behind ten thousand that still fail. Its confirm ends
   * the outage.
   */
  @Test
  void inAnOutageEveryDestinationHasItsTry() throws TimeoutException {
    for (var ordering : Ordering.values()) {
      var bench = new Bench(ordering, RejectionAction.PARK, new Random(1));
      var failing = new HashSet<>(Set.of("order", "invoice"));
      var slice =
          onLoop(
              () -> {
                bench.open(
                    publisher(
                        event ->
                            failing.contains(event.aggregateType())
                                ? Future.failedFuture(new PublishException.Retryable("no", null))
                                : Future.succeededFuture()));
                bench.accept(Events.interleaved(10_000, 10_000));
                var last =
                    bench.accept(List.of(Events.event(10_001, "invoice", "last", null, Map.of())));
                failing.remove("invoice");
                bench.time.advance();
                bench.time.advance();
                return Future.succeededFuture(last);
              });

      assertThat(slice.await(30, SECONDS).confirmed().isComplete()).isTrue();
    }
  }

  @Test
  void anAggregateThatFailsWhileOthersSucceedBacksOff() throws TimeoutException {
    var bench = new Bench(Ordering.ONE_AT_A_TIME, RejectionAction.PARK, new Random(1));
    var tries = new ArrayList<Long>();
    onLoop(
            () -> {
              bench.open(
                  publisher(
                      event -> {
                        if (event.aggregateId().equals("order-0")) {
                          tries.add(bench.time.nanoTime() / 1_000_000);
                          return Future.failedFuture(new PublishException.Retryable("no", null));
                        }
                        return Future.succeededFuture();
                      }));
              bench.accept(List.of(Events.event(1, "order-0")));
              for (long seq = 2; bench.time.nanoTime() < 60_000_000_000L; seq++) {
                bench.accept(List.of(Events.event(seq, "order-1")));
                bench.time.advance();
              }
              return Future.succeededFuture();
            })
        .await(60, SECONDS);

    assertThat(tries).as("once a second or so, for a minute").hasSizeBetween(40, 100);
  }

  @Test
  void abandoningStopsEverything() throws TimeoutException {
    for (var ordering : Ordering.values()) {
      var bench = new Bench(ordering, RejectionAction.PARK, new Random(1));
      bench.publisher.poison(7);
      onLoop(
              () -> {
                bench.open();
                bench.publisher.fail(0.5);
                var slice = bench.accept(Events.interleaved(200, 20));
                for (int i = 0; i < 10; i++) {
                  bench.publisher.act();
                }
                int published = bench.publisher.published();

                bench.dispatcher().abandon();

                while (bench.publisher.hasInFlight()) {
                  bench.publisher.act();
                }
                while (bench.deadLetters.isWriting()) {
                  bench.deadLetters.refuse();
                }
                assertThat(bench.time.hasTimers()).isFalse();
                assertThat(bench.publisher.published()).isEqualTo(published);
                assertThat(slice.confirmed().cause()).isInstanceOf(TermEndedException.class);
                assertThat(bench.failures).isEmpty();
                return Future.succeededFuture();
              })
          .await(60, SECONDS);
    }
  }

  @Test
  void aDeadLetterThatCannotBeWrittenEndsTheTerm() throws TimeoutException {
    var bench = new Bench(Ordering.PIPELINED, RejectionAction.PARK, new Random(1));
    onLoop(
            () -> {
              bench.parked.add("order-1");
              bench.open();
              var slice = bench.accept(List.of(Events.event(1, "order-1")));
              bench.deadLetters.refuse();
              assertThat(bench.failures).hasSize(1).first().asString().contains("is gone");
              assertThat(slice.confirmed().cause()).isInstanceOf(TermEndedException.class);
              return Future.succeededFuture();
            })
        .await(60, SECONDS);
  }

  private static Future<Void> later(ArrayDeque<Promise<Void>> confirms) {
    Promise<Void> confirm = Promise.promise();
    confirms.add(confirm);
    return confirm.future();
  }

  private static Future<Void> confirmAll(ArrayDeque<Promise<Void>> confirms) {
    while (!confirms.isEmpty()) {
      confirms.remove().complete();
    }
    return Future.succeededFuture();
  }

  private static void failAllInFlight(Bench bench) {
    while (bench.publisher.hasInFlight()) {
      bench.publisher.act();
    }
  }

  private static List<OutboxEvent> ofOneAggregate(int count) {
    return Events.interleaved(count, 1);
  }

  private static Publisher publisher(Function<OutboxEvent, Future<Void>> publish) {
    return new Publisher() {
      @Override
      public Future<Void> publish(OutboxEvent event) {
        return publish.apply(event);
      }

      @Override
      public Future<Void> close() {
        return Future.succeededFuture();
      }
    };
  }

  private interface Action<T> {
    Future<T> run();
  }

  private static <T> Future<T> onLoop(Action<T> action) {
    Promise<T> result = Promise.promise();
    Consumer<Throwable> failed = result::tryFail;
    LOOP.runOnContext(
        start -> {
          try {
            action.run().onComplete(result);
          } catch (Throwable e) {
            failed.accept(e);
          }
        });
    return result.future();
  }
}

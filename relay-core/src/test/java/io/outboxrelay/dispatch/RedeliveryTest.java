package io.outboxrelay.dispatch;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.breaker.DestinationBreakers;
import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.deadletter.RejectionAction;
import io.outboxrelay.deadletter.RejectionPolicy;
import io.outboxrelay.dispatch.SimulatedDeadLetters.Letter;
import io.outboxrelay.lifecycle.SimulatedTime;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.testkit.RandomRuns;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Redeliveries under random conditions: events are rejected, operators request redelivery and
 * discard dead letters, redeliveries are interrupted, relays crash, and destinations accept nothing
 * for a while. No event is lost, and none overtakes another one of its aggregate.
 */
class RedeliveryTest {
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
  void orderHoldsForAPipeliningPublisher() {
    runs(Ordering.PIPELINED);
  }

  @Test
  void orderHoldsOneAtATime() {
    runs(Ordering.ONE_AT_A_TIME);
  }

  private static void runs(Ordering ordering) {
    int replayed = 0;
    int deferred = 0;
    for (long seed = 1; seed <= RUNS; seed++) {
      var run = new Run(ordering, seed);
      try {
        LOOP.runOnContext(start -> run.step());
        run.done.future().await(20, SECONDS);
      } catch (Throwable e) {
        throw new AssertionError(ordering + ", seed " + seed, e);
      }
      replayed += run.replays;
      deferred += run.deferred();
    }
    assertThat(replayed).as("replays in all runs").isGreaterThan(RUNS);
    assertThat(deferred).as("events set aside for a while in all runs").isGreaterThan(RUNS / 10);
  }

  /** One random run of an outbox; each crash begins a new term. */
  private static final class Run {
    private final Random random;
    private final Ordering ordering;
    private final List<OutboxEvent> events;
    private final Map<Long, OutboxEvent> bySeq;
    private final SimulatedDeadLetters deadLetters = new SimulatedDeadLetters();
    private final SimulatedDeadLetterClaims claims;
    private final Set<Long> poisoned = new HashSet<>();
    private final Set<Long> discarded = new HashSet<>();
    private final Set<String> refused = new HashSet<>();
    private final boolean perAggregate;

    /** The share of events that a failing destination accepts nevertheless. */
    private final double taken;

    private final List<OutboxEvent> delivered = new ArrayList<>();
    private final Promise<Void> done = Promise.promise();
    private int committed;
    private int checkpoint;
    private int crashes;
    private int steps;
    private int replays;
    private boolean calm;
    private Era era;

    Run(Ordering ordering, long seed) {
      this.random = new Random(seed);
      this.ordering = ordering;
      this.events = Events.interleaved(1 + random.nextInt(60), 1 + random.nextInt(4));
      this.bySeq = events.stream().collect(Collectors.toMap(OutboxEvent::seq, Function.identity()));
      this.claims = new SimulatedDeadLetterClaims(deadLetters, bySeq, 1 + random.nextInt(4));
      double share = random.nextDouble() / 4;
      events.stream()
          .filter(event -> random.nextDouble() < share)
          .forEach(event -> poisoned.add(event.seq()));
      this.perAggregate = random.nextBoolean();
      this.taken = random.nextBoolean() ? 0 : random.nextDouble() / 2;
      this.era = new Era();
    }

    int deferred() {
      return (int) deadLetters.stored().values().stream().filter(Letter::asked).count();
    }

    /**
     * Returns one of three destinations; {@link #perAggregate} decides if all events of an
     * aggregate have the same one.
     */
    private String destination(OutboxEvent event) {
      long key = perAggregate ? event.aggregateId().hashCode() : event.seq() / 4;
      return "to-" + Math.floorMod(key, 3);
    }

    private record Page(int end, PageSlice slice) {}

    /** The state in memory of one term, between two crashes. */
    private final class Era {
      final SimulatedTime time = new SimulatedTime();
      final ScriptedPublisher publisher = new ScriptedPublisher(ordering, random);
      final Set<String> parked = ConcurrentHashMap.newKeySet();
      final Set<String> underWay = new HashSet<>();

      /**
       * The aggregates with a redelivery that failed, so that the caller has to begin it again; see
       * {@link RedeliveryPublisher#redeliver}.
       */
      final Set<String> interrupted = new HashSet<>();

      final List<Throwable> failures = new ArrayList<>();
      final DestinationGate destinations =
          new DestinationGate(
              new DestinationBreakers(Duration.ofMillis(200), BACKOFF, time::nanoTime));
      final ArrayDeque<Page> pages = new ArrayDeque<>();
      final OrderedDispatcher dispatcher;
      int read = checkpoint;
      int confirmed = checkpoint;
      boolean searched;

      Era() {
        parked.addAll(claims.parked());
        var known = new HashSet<>(deadLetters.stored().keySet());
        known.removeIf(seq -> seq <= checkpoint);
        var term =
            new TermContext(
                deadLetters.deadLetters(),
                RejectionPolicy.always(RejectionAction.PARK),
                () -> true,
                new DeadLetterSnapshot(parked, known),
                destinations,
                failures::add);
        poisoned.forEach(publisher::poison);
        publisher.refuse(
            event -> refused.contains(destination(event)) && random.nextDouble() >= taken);
        publisher.fail(calm ? 0 : random.nextDouble() / 4);
        publisher.answerAtOnce(random.nextBoolean() ? 0 : random.nextDouble() / 2);
        var way =
            new OrderedDispatcher.PublisherBinding(
                publisher, ordering, Run.this::destination, TRAFFIC);
        dispatcher = new OrderedDispatcher(time.vertx(LOOP), way, BACKOFF, term, time::nanoTime);
      }

      void read() {
        int end = Math.min(committed, read + 1 + random.nextInt(8));
        var slice = new PageSlice(Map.of());
        events.subList(read, end).forEach(slice::add);
        pages.add(new Page(end, slice));
        read = end;
        dispatcher.accept(slice);
      }

      void confirm() {
        while (!pages.isEmpty() && pages.peek().slice.confirmed().succeeded()) {
          confirmed = pages.remove().end;
        }
      }

      void replay(String aggregateId) {
        underWay.add(aggregateId);
        replays++;
        dispatcher
            .redeliveries()
            .begin(aggregateId, claims)
            .onComplete(
                over -> interrupted.remove(aggregateId), failure -> interrupted.add(aggregateId))
            .onComplete(over -> underWay.remove(aggregateId));
      }
    }

    /**
     * Each step is a task of its own on the event loop, so tasks that the dispatcher schedules run
     * between two steps.
     */
    void step() {
      try {
        if (++steps > 50_000) {
          throw new AssertionError("it never ends: " + state());
        }
        if (steps == 600) {
          calmDown();
        }
        if (act()) {
          LOOP.runOnContext(next -> step());
        } else if (!calm) {
          steps = 599;
          LOOP.runOnContext(next -> step());
        } else {
          assertEverythingHolds();
          done.tryComplete();
        }
      } catch (Throwable e) {
        done.tryFail(e);
      }
    }

    /**
     * From now on the broker accepts everything. The operator requests redelivery of the dead
     * letters that the list shows, which are the rejected ones, and not of blocked ones.
     */
    private void calmDown() {
      calm = true;
      if (random.nextBoolean()) {
        restart();
      }
      poisoned.forEach(era.publisher::cure);
      poisoned.clear();
      refused.clear();
      era.publisher.fail(0);
      committed = events.size();
    }

    private void crash() {
      for (int i = random.nextInt(4); i > 0 && era.publisher.hasInFlight(); i--) {
        era.publisher.act();
      }
      era.confirm();
      checkpoint += random.nextInt(era.confirmed - checkpoint + 1);
      era.dispatcher.abandon();
      while (deadLetters.isWriting() && random.nextBoolean()) {
        deadLetters.answer();
      }
      deadLetters.crash();
      while (claims.isWorking() && random.nextBoolean()) {
        claims.act();
      }
      claims.crash();
      delivered.addAll(era.publisher.delivered());
    }

    private boolean act() {
      era.confirm();
      var possible = new ArrayList<Runnable>();
      if (committed < events.size()) {
        possible.add(() -> committed++);
      }
      if (era.read < committed) {
        possible.add(era::read);
      }
      if (era.publisher.hasInFlight()) {
        possible.add(era.publisher::act);
      }
      if (deadLetters.isWriting()) {
        possible.add(deadLetters::answer);
        possible.add(deadLetters::hide);
      }
      if (claims.isWorking()) {
        possible.add(claims::act);
      }
      if (era.time.hasTimers()) {
        possible.add(era.time::advance);
      }
      lookForWork(possible);
      operate(possible);
      if (!calm && crashes < 4 && random.nextInt(60) == 0) {
        possible.clear();
        possible.add(this::restart);
      } else if (!calm && claims.isWorking() && random.nextInt(20) == 0) {
        possible.clear();
        possible.add(() -> claims.interrupt(random.nextBoolean()));
      } else if (!era.underWay.isEmpty() && random.nextInt(20) == 0) {
        possible.add(() -> era.dispatcher.redeliveries().stop());
      }
      if (possible.isEmpty()) {
        return false;
      }
      possible.get(random.nextInt(possible.size())).run();
      return true;
    }

    private void restart() {
      crashes++;
      crash();
      era = new Era();
    }

    private void lookForWork(List<Runnable> possible) {
      var filter = era.destinations.filter();
      if (!era.searched) {
        possible.add(
            () -> {
              era.searched = true;
              claims.askForForgotten();
            });
      }
      var found = new LinkedHashSet<>(claims.toDo());
      found.addAll(era.interrupted);
      found.removeAll(era.underWay);
      for (String aggregate : found) {
        String next = destination(event(claims.waiting(aggregate)));
        if (!filter.open().contains(next)) {
          possible.add(() -> era.replay(aggregate));
        }
      }
      if (!filter.open().isEmpty()) {
        possible.add(() -> era.time.pass(era.destinations.breakers().millisToNextTry(1_000)));
      }
    }

    /**
     * Returns the first event that waits, or any event if none waits because all were discarded.
     */
    private OutboxEvent event(List<Long> waiting) {
      return waiting.isEmpty() ? events.get(0) : Objects.requireNonNull(bySeq.get(waiting.get(0)));
    }

    private void operate(List<Runnable> possible) {
      if (!calm && random.nextInt(20) == 0) {
        String any = "to-" + random.nextInt(3);
        if (!refused.remove(any)) {
          refused.add(any);
        }
      }
      for (String aggregate : claims.parked()) {
        long head = claims.waiting(aggregate).get(0);
        if (calm ? isListed(aggregate) : random.nextInt(10) == 0) {
          if (claims.ask(head, "requested")) {
            mend(head);
            possible.add(() -> {});
          }
        } else if (!calm && random.nextInt(30) == 0) {
          var waiting = claims.waiting(aggregate);
          long any = waiting.get(random.nextInt(waiting.size()));
          if (claims.ask(any, "discarded")) {
            discarded.add(any);
          }
        }
      }
    }

    /**
     * Returns true if the list of dead letters shows an event of the aggregate; a retry of it
     * begins with the head.
     */
    private boolean isListed(String aggregate) {
      return claims.waiting(aggregate).stream().anyMatch(claims::isListed);
    }

    /** Corrects half of the events that an operator retries. */
    private void mend(long seq) {
      if (random.nextBoolean() && poisoned.remove(seq)) {
        era.publisher.cure(seq);
      }
    }

    private void assertEverythingHolds() {
      assertThat(METRICS.health().event(0)).as("the event in trouble").isEmpty();
      assertThat(METRICS.health().broker(0)).as("the broker's trouble").isEmpty();
      assertThat(METRICS.retrying()).as("aggregates that wait for another try").isZero();
      delivered.addAll(era.publisher.delivered());
      assertThat(era.failures).isEmpty();
      assertThat(claims.parked()).isEmpty();
      assertThat(era.parked).isEmpty();
      assertThat(era.confirmed).isEqualTo(events.size());
      var first = new LinkedHashSet<>(delivered.stream().map(OutboxEvent::seq).toList());
      var missing = bySeq.keySet().stream().filter(seq -> !first.contains(seq)).toList();
      assertThat(discarded).containsAll(missing);
      byAggregate(first).forEach((aggregate, seqs) -> assertThat(seqs).as(aggregate).isSorted());
    }

    private Map<String, List<Long>> byAggregate(Set<Long> seqs) {
      return seqs.stream()
          .collect(
              Collectors.groupingBy(
                  seq -> Objects.requireNonNull(bySeq.get(seq)).aggregateId(),
                  Collectors.toList()));
    }

    private String state() {
      return "parked "
          + claims.parked()
          + ", to do "
          + claims.toDo()
          + ", under way "
          + era.underWay;
    }
  }
}

package io.outboxrelay.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.breaker.Backoff;
import io.outboxrelay.deadletter.DeadLetter;
import io.outboxrelay.deadletter.DeadLetterWriter;
import io.outboxrelay.lifecycle.SimulatedTime;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.publish.ScriptedBroker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.SqlClient;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReplayRunTest {
  /** Results in batches of five events. */
  private static final int RATE = 50;

  private static final Duration LONG = Duration.ofHours(1);

  private final SimulatedTime time = new SimulatedTime();
  private final Live live = new Live();
  private final Sending publisher = new Sending();
  private final ScriptedBroker broker = new ScriptedBroker(Future.succeededFuture(publisher));

  /** The state of the live events, for which a replay has to wait. */
  private static final class Live implements ReplayGate {
    boolean owns = true;
    boolean isBusy;

    @Override
    public boolean mayBegin() {
      return true;
    }

    @Override
    public boolean mayPublish() {
      return owns;
    }

    @Override
    public boolean isBusy() {
      return isBusy;
    }
  }

  private record Sent(long seq, Promise<Void> confirm) {}

  private static final class Sending implements Publisher {
    final List<Long> published = new ArrayList<>();
    final Queue<Sent> unconfirmed = new ArrayDeque<>();
    Future<Void> closed = Future.succeededFuture();
    boolean isClosing;

    @Override
    public Future<Void> publish(OutboxEvent event) {
      published.add(event.seq());
      var sent = new Sent(event.seq(), Promise.promise());
      unconfirmed.add(sent);
      return sent.confirm.future();
    }

    @Override
    public Future<Void> close() {
      isClosing = true;
      return closed;
    }
  }

  /** Holds the events 1 to {@code top}, each of another aggregate. */
  private static final class Session implements ReplaySession {
    final List<String> calls = new ArrayList<>();
    final List<ReplayProgressStore.Step> stored = new ArrayList<>();
    final long top;
    Replay replay;
    Future<Void> prepared = Future.succeededFuture();
    Future<Void> beforeNote = Future.succeededFuture();
    Future<Boolean> atEnd = Future.succeededFuture(true);
    boolean isOurs = true;

    Session(Replay replay) {
      this.replay = replay;
      this.top = replay.bounds().top();
    }

    @Override
    public Future<Void> prepare() {
      return prepared;
    }

    @Override
    public Future<ReplayBatch> read(long position, int most) {
      calls.add("read " + most + " after " + position);
      long last = Math.min(top, position + most);
      var events =
          LongStream.rangeClosed(position + 1, last)
              .mapToObj(seq -> new DeadLetter(Events.event(seq, "order-" + seq), null))
              .toList();
      return Future.succeededFuture(new ReplayBatch(events, new LeftOutEvents(0, 0), last));
    }

    @Override
    public DeadLetterWriter deadLetters() {
      return new DeadLetterWriter(
          noDatabase(), new OutboxNames("public", "outbox"), new OwnerEpoch(0, 1), later -> {});
    }

    private static SqlClient noDatabase() {
      return (SqlClient)
          Proxy.newProxyInstance(
              SqlClient.class.getClassLoader(),
              new Class<?>[] {SqlClient.class},
              (proxy, method, arguments) -> {
                throw new AssertionError("a replay writes no dead letter: " + method);
              });
    }

    @Override
    public Future<Optional<Replay>> note(ReplayProgressStore.Step step) {
      return beforeNote.map(
          passed -> {
            if (!isOurs) {
              return Optional.empty();
            }
            stored.add(step);
            calls.add("note " + step.replayBatch().upTo());
            var before = replay.progress();
            replay =
                new Replay(
                    replay.id(),
                    replay.order(),
                    replay.bounds(),
                    new Replay.Progress(
                        step.replayBatch().upTo(),
                        before.published() + step.published(),
                        before.rejected() + step.rejected(),
                        step.rejection(),
                        before.leftOut()),
                    replay.execution());
            return Optional.of(replay);
          });
    }

    void cancel() {
      replay =
          new Replay(
              replay.id(),
              replay.order(),
              replay.bounds(),
              replay.progress(),
              execution(ReplayState.CANCELLED));
    }

    @Override
    public Future<Boolean> end(ReplayState state, @Nullable String reason) {
      calls.add(reason == null ? "end " + state : "end " + state + ": " + reason);
      return atEnd;
    }

    @Override
    public Future<Void> leave() {
      calls.add("leave");
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> close() {
      calls.add("close");
      return Future.succeededFuture();
    }
  }

  private static Replay replay(long top, int rate, @Nullable String destination) {
    return new Replay(
        3,
        new Replay.Order(
            ReplayFilter.everything(), destination, rate, null, "operator", OffsetDateTime.MIN),
        new Replay.Bounds(0, top, "1:1:", top),
        new Replay.Progress(0, 0, 0, null, new LeftOutEvents(0, 0)),
        execution(ReplayState.RUNNING));
  }

  private static Replay.Execution execution(ReplayState state) {
    return new Replay.Execution(state, null, 1, "7@here", null, null);
  }

  private ReplayRun started(Session session) {
    var backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1));
    var scope =
        new ReplayWorker.Scope(
            new OutboxNames("public", "outbox"),
            broker,
            live,
            new ReplayLimits(backoff, Duration.ofSeconds(5), LONG, 1_000_000, 1_000_000),
            RelayMetrics.alone().replays());
    var run = new ReplayRun(time.vertx(), time::nanoTime, scope, session, session.replay);
    time.run(run::start);
    return run;
  }

  private void confirm(int count) {
    for (int i = 0; i < count; i++) {
      time.run(publisher.unconfirmed.remove().confirm::complete);
    }
  }

  private void refuse(int count, PublishException failure) {
    for (int i = 0; i < count; i++) {
      time.run(() -> publisher.unconfirmed.remove().confirm.fail(failure));
    }
  }

  private static PublishException rejected() {
    return new PublishException.Rejected("too large", null);
  }

  /** If it were read earlier, a crash in between could leave events out. */
  @Test
  void aBatchIsReadOnlyWhenTheOneBeforeIsConfirmedAndStored() {
    var session = new Session(replay(12, RATE, null));
    Promise<Void> stored = Promise.promise();
    session.beforeNote = stored.future();
    started(session);
    confirm(4);
    time.elapse(LONG);
    assertThat(session.calls).as("one is unconfirmed").containsExactly("read 5 after 0");

    confirm(1);
    time.elapse(LONG);
    assertThat(session.calls).as("not stored").containsExactly("read 5 after 0");

    time.run(stored::complete);
    time.elapse(LONG);
    assertThat(session.calls).containsExactly("read 5 after 0", "note 5", "read 5 after 5");
  }

  @Test
  void aReplayEndsWhenAllIsConfirmedAndStored() {
    var session = new Session(replay(7, RATE, null));
    var run = started(session);
    confirm(5);
    time.elapse(Duration.ofSeconds(1));
    confirm(2);
    time.elapse(Duration.ofSeconds(1));

    assertThat(publisher.published).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L);
    assertThat(session.calls).endsWith("note 7", "end DONE", "close");
    assertThat(run.over().succeeded()).isTrue();
  }

  /** The next run continues from the stored progress. */
  @Test
  void aReplayThatCannotStoreItsProgressPublishesNothingMoreAndIsResumed() {
    var session = new Session(replay(12, RATE, null));
    session.beforeNote = Future.failedFuture("the connection was lost");
    var run = started(session);
    confirm(5);
    time.elapse(LONG);

    assertThat(publisher.published).hasSize(5);
    assertThat(run.over().cause()).hasMessage("the connection was lost");
    assertThat(session.calls).containsExactly("read 5 after 0", "close");
  }

  @Test
  void aReplayIsResumedIfItsEndCannotBeStored() {
    var session = new Session(replay(5, RATE, null));
    session.atEnd = Future.failedFuture("the connection was lost");
    var run = started(session);
    confirm(5);
    time.elapse(Duration.ofSeconds(1));

    assertThat(run.over().cause()).hasMessage("the connection was lost");
  }

  @Test
  void aReplayThatAnotherRelayHasTakenUpPublishesNothingMore() {
    var session = new Session(replay(12, RATE, null));
    var run = started(session);
    session.isOurs = false;
    confirm(5);
    time.elapse(LONG);

    assertThat(publisher.published).hasSize(5);
    assertThat(run.over().succeeded()).isTrue();
    assertThat(session.calls).endsWith("close").doesNotContain("leave");
  }

  @Test
  void aReplayThatWasCancelledPublishesNothingMore() {
    var session = new Session(replay(12, RATE, null));
    var run = started(session);
    session.cancel();
    confirm(5);
    time.elapse(LONG);

    assertThat(publisher.published).hasSize(5);
    assertThat(session.stored).as("what was published by then is counted").hasSize(1);
    assertThat(run.over().succeeded()).isTrue();
  }

  @Test
  void nothingIsPublishedUnlessTheRelayCertainlyOwnsTheShard() {
    live.owns = false;
    var session = new Session(replay(12, RATE, null));
    var run = started(session);

    assertThat(publisher.published).isEmpty();
    assertThat(run.over().failed()).as("to be resumed").isTrue();
    assertThat(session.stored).isEmpty();
  }

  /** Its other events fail as well, because nothing more is published. */
  @Test
  void aFatalRefusalIsReportedWithItsOwnReason() {
    var run = started(new Session(replay(12, RATE, null)));
    refuse(1, new PublishException.Fatal("the password was refused", null));
    time.elapse(LONG);

    assertThat(run.over().cause()).hasMessage("the password was refused");
  }

  @Test
  void anOutageIsWaitedForAndUsesUpNoEvent() {
    var session = new Session(replay(5, RATE, null));
    var run = started(session);
    confirm(4);
    for (int i = 0; i < 20; i++) {
      refuse(1, new PublishException.Retryable("away", null));
      while (publisher.unconfirmed.isEmpty()) {
        time.advance();
      }
    }
    assertThat(session.stored).isEmpty();

    confirm(1);
    time.elapse(Duration.ofSeconds(1));
    assertThat(session.stored.get(0).published()).isEqualTo(5);
    assertThat(run.over().succeeded()).isTrue();
  }

  /** Live events of such a destination are deferred; a replay waits instead. */
  @Test
  void noEventIsSetAsideWhileOnlyItsDestinationIsDown() {
    broker.ordering = Ordering.ONE_AT_A_TIME;
    broker.destinations = event -> event.seq() == 1 ? "down" : "up";
    var session = new Session(replay(25, 5_000, null));
    started(session);
    for (int second = 0; second < 20; second++) {
      refuseTheFirstEvent();
      confirm(1);
      time.elapse(Duration.ofSeconds(1));
    }
    assertThat(session.stored).isEmpty();

    while (session.stored.isEmpty()) {
      confirm(publisher.unconfirmed.size());
      time.advance();
    }
    assertThat(session.stored.get(0).published()).isEqualTo(25);
    assertThat(session.stored.get(0).rejected()).isZero();
  }

  private void refuseTheFirstEvent() {
    for (var sent : List.copyOf(publisher.unconfirmed)) {
      if (sent.seq == 1) {
        publisher.unconfirmed.remove(sent);
        time.run(() -> sent.confirm.fail(new PublishException.Retryable("down", null)));
      }
    }
  }

  @Test
  void aRejectedEventIsCountedAndTheOthersFollow() {
    var session = new Session(replay(7, RATE, null));
    var run = started(session);
    refuse(1, rejected());
    confirm(4);
    time.elapse(Duration.ofSeconds(1));
    confirm(2);
    time.elapse(Duration.ofSeconds(1));

    assertThat(session.stored)
        .extracting(ReplayProgressStore.Step::published)
        .containsExactly(4, 2);
    assertThat(session.stored).extracting(ReplayProgressStore.Step::rejected).containsExactly(1, 0);
    assertThat(session.stored.get(0).rejection()).contains("event 1").contains("too large");
    assertThat(run.over().succeeded()).isTrue();
  }

  /** A small number, because the broker may reject all of them. */
  @Test
  void fewEventsArePublishedAtATimeUntilTheFirstIsConfirmed() {
    var session = new Session(replay(1_000, 5_000, null));
    started(session);
    refuse(25, rejected());
    time.elapse(Duration.ofSeconds(1));
    refuse(24, rejected());
    confirm(1);
    time.elapse(Duration.ofSeconds(1));

    assertThat(session.calls)
        .containsExactly(
            "read 25 after 0", "note 25", "read 25 after 25", "note 50", "read 500 after 50");
  }

  @Test
  void aReplayFailsIfTheBrokerRejectsAllOfTheFirstHundred() {
    var session = new Session(replay(1_000, 5_000, null));
    var run = started(session);
    for (int i = 0; i < 4; i++) {
      assertThat(run.over().isComplete()).isFalse();
      refuse(25, rejected());
      time.elapse(Duration.ofSeconds(1));
    }

    assertThat(publisher.published).hasSize(100);
    assertThat(session.calls.get(session.calls.size() - 2)).startsWith("end FAILED: the broker");
    assertThat(run.over().succeeded()).isTrue();
  }

  @Test
  void liveEventsComeFirst() {
    live.isBusy = true;
    var session = new Session(replay(12, RATE, null));
    started(session);
    time.elapse(LONG);
    assertThat(session.calls).isEmpty();

    live.isBusy = false;
    time.elapse(Duration.ofSeconds(1));
    assertThat(publisher.published).hasSize(5);
  }

  @Test
  void aRunThatStopsStoresTheBatchInFlightAndLeavesTheRestToItsSuccessor() {
    var session = new Session(replay(12, RATE, null));
    var run = started(session);
    time.run(run::stop);
    assertThat(publisher.isClosing).isFalse();
    confirm(5);
    time.elapse(LONG);

    assertThat(session.calls).containsExactly("read 5 after 0", "note 5", "leave", "close");
    assertThat(run.over().succeeded()).isTrue();
  }

  @Test
  void aRunThatStopsBetweenTwoBatchesReadsNoMore() {
    var session = new Session(replay(12, RATE, null));
    var run = started(session);
    confirm(5);
    time.run(run::stop);
    time.elapse(LONG);

    assertThat(session.calls).containsExactly("read 5 after 0", "note 5", "leave", "close");
  }

  @Test
  void aRunThatIsAbandonedStoresNothingMore() {
    var session = new Session(replay(12, RATE, null));
    var run = started(session);
    time.run(run::abandon);
    confirm(5);
    time.elapse(LONG);

    assertThat(session.calls).containsExactly("read 5 after 0", "close");
    assertThat(run.over().succeeded()).isTrue();
  }

  @Test
  void aResultThatIsStoredAfterTheRunWasAbandonedStartsNoBatch() {
    var session = new Session(replay(12, RATE, null));
    Promise<Void> stored = Promise.promise();
    session.beforeNote = stored.future();
    var run = started(session);
    confirm(5);
    time.run(run::abandon);
    time.run(stored::complete);
    time.elapse(LONG);

    assertThat(publisher.published).hasSize(5);
    assertThat(run.over().succeeded()).isTrue();
  }

  /** Events are in flight until the publisher is closed, and the successor begins after that. */
  @Test
  void aRunIsOverOnlyWhenItsPublisherIsClosed() {
    Promise<Void> closed = Promise.promise();
    publisher.closed = closed.future();
    var session = new Session(replay(12, RATE, null));
    var run = started(session);
    time.run(run::abandon);
    assertThat(publisher.isClosing).isTrue();
    assertThat(session.calls).doesNotContain("close");
    assertThat(run.over().isComplete()).isFalse();

    time.run(closed::complete);
    assertThat(session.calls).endsWith("close");
    assertThat(run.over().succeeded()).isTrue();
  }

  @Test
  void aRunThatStopsBeforeTheDatabaseHasAnsweredConnectsToNoBroker() {
    Promise<Void> prepared = Promise.promise();
    var session = new Session(replay(12, RATE, null));
    session.prepared = prepared.future();
    var run = started(session);
    time.run(run::stop);
    time.run(prepared::complete);

    assertThat(broker.attempts()).isZero();
    assertThat(run.over().succeeded()).isTrue();
  }

  /** This broker's module sends only to the configured destination, and throws. */
  @Test
  void aDestinationThatCannotBeChosenFailsTheReplay() {
    var session = new Session(replay(12, RATE, "elsewhere"));
    var run = started(session);

    assertThat(session.calls.get(0)).startsWith("end FAILED: the destination elsewhere");
    assertThat(run.over().succeeded()).isTrue();
  }
}

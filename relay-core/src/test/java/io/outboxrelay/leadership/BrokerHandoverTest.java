package io.outboxrelay.leadership;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.lifecycle.SimulatedTime;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.publish.ScriptedBroker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BrokerHandoverTest {
  private static final Duration AFTER = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final SimulatedTime time = new SimulatedTime();
  private final Locks locks = new Locks();
  private final Shards shards = new Shards();
  private final Connected connected = new Connected();
  private final ScriptedBroker broker = new ScriptedBroker(away());
  private final BrokerHandover handover =
      new BrokerHandover(locks, time::nanoTime, broker, AFTER, shards);

  private static Future<Publisher> away() {
    return Future.failedFuture("the broker is away");
  }

  private Future<Publisher> here() {
    return Future.succeededFuture(connected);
  }

  private static final class Connected implements Publisher {
    int closed;

    @Override
    public Future<Void> publish(OutboxEvent event) {
      throw new UnsupportedOperationException("only connects");
    }

    @Override
    public Future<Void> close() {
      closed++;
      return Future.succeededFuture();
    }
  }

  private final class Shards implements BrokerHandover.Owner {
    Optional<OngoingProblem> problem = Optional.empty();
    final List<Duration> pauses = new ArrayList<>();
    Promise<Void> comesBack = Promise.promise();

    @Override
    public Optional<OngoingProblem> brokerProblem() {
      return problem;
    }

    @Override
    public Future<Void> giveWay(Duration pause) {
      pauses.add(pause);
      problem = Optional.empty();
      comesBack = Promise.promise();
      return comesBack.future();
    }

    void nothingIsConfirmed() {
      problem = Optional.of(new OngoingProblem("no answer", time.nanoTime()));
    }

    boolean areGivenAway() {
      return !pauses.isEmpty();
    }
  }

  private static final class Locks implements BrokerCallLocks {
    boolean isTakenByAnother;
    Future<Boolean> answered = Future.succeededFuture(false);
    Future<Void> database = Future.succeededFuture();
    Runnable onEnd = () -> {};
    boolean isCalling;
    boolean isAnswering;
    int answers;

    @Override
    public Future<Optional<Call>> call() {
      return database.map(
          there -> {
            isCalling = !isTakenByAnother;
            return isCalling ? Optional.of(new HeldCall()) : Optional.empty();
          });
    }

    @Override
    public Future<Held> answer() {
      return database.map(
          there -> {
            answers++;
            isAnswering = true;
            return () -> {
              isAnswering = false;
              return Future.succeededFuture();
            };
          });
    }

    private final class HeldCall implements Call {
      @Override
      public Future<Boolean> isAnswered() {
        return answered;
      }

      @Override
      public void onEnd(Runnable action) {
        onEnd = action;
      }

      @Override
      public Future<Void> release() {
        isCalling = false;
        onEnd.run();
        return Future.succeededFuture();
      }
    }
  }

  @BeforeEach
  void start() {
    handover.init(time.vertx(), time.context());
    time.run(handover::start);
  }

  private void stop() {
    time.run(handover::stop);
  }

  /** Nothing is confirmed for long enough, and this relay cannot connect to the broker. */
  private void cutOff() {
    shards.nothingIsConfirmed();
    time.elapse(AFTER.plus(LOOK));
  }

  /** Another relay answers the call. */
  private void answered() {
    locks.answered = Future.succeededFuture(true);
    time.elapse(LOOK);
  }

  @Test
  void anOwnerThatCanConnectKeepsItsShards() {
    broker.answer = here();
    cutOff();
    answered();

    assertThat(broker.attempts()).isEqualTo(1);
    assertThat(connected.closed).isEqualTo(1);
    assertThat(locks.isCalling).isFalse();
    assertThat(shards.areGivenAway()).isFalse();
  }

  @Test
  void anOwnerKeepsItsShardsIfNoOtherRelayAnswers() {
    cutOff();
    assertThat(locks.isCalling).isTrue();

    time.elapse(Duration.ofHours(1));

    assertThat(locks.isCalling).as("it still asks").isTrue();
    assertThat(shards.areGivenAway()).isFalse();
  }

  @Test
  void anOwnerGivesWayIfAnotherRelayHasAnswered() {
    cutOff();
    assertThat(shards.areGivenAway()).isFalse();

    answered();

    assertThat(shards.pauses).containsExactly(AFTER);
    assertThat(locks.isCalling).isFalse();
  }

  @Test
  void anOwnerKeepsItsShardsIfSomethingIsConfirmedBeforeTheAnswer() {
    cutOff();
    Promise<Boolean> answer = Promise.promise();
    locks.answered = answer.future();
    time.elapse(LOOK);

    shards.problem = Optional.empty();
    time.run(() -> answer.complete(true));

    assertThat(shards.areGivenAway()).isFalse();
    time.elapse(LOOK);
    assertThat(locks.isCalling).isFalse();
  }

  @Test
  void anOwnerThatPublishesAgainEndsItsCall() {
    cutOff();
    shards.problem = Optional.empty();

    time.elapse(LOOK);

    assertThat(locks.isCalling).isFalse();
  }

  @Test
  void anOwnerAsksOnlyIfNothingIsConfirmedForLong() {
    shards.nothingIsConfirmed();
    time.elapse(AFTER.minus(LOOK));

    assertThat(broker.attempts()).isZero();
    assertThat(locks.isCalling).isFalse();
  }

  @Test
  void anOwnerAsksAfterAnotherOneThatAsks() {
    locks.isTakenByAnother = true;
    cutOff();
    assertThat(locks.isCalling).isFalse();

    locks.isTakenByAnother = false;
    time.elapse(LOOK);

    assertThat(locks.isCalling).isTrue();
  }

  @Test
  void nothingIsHandedOverWithoutTheDatabase() {
    cutOff();
    locks.answered = Future.failedFuture("the database is away");
    locks.database = Future.failedFuture("the database is away");
    time.elapse(LOOK);
    assertThat(locks.isCalling).isFalse();

    time.elapse(Duration.ofMinutes(1));
    assertThat(shards.areGivenAway()).isFalse();

    locks.database = Future.succeededFuture();
    locks.answered = Future.succeededFuture(false);
    time.elapse(LOOK);
    assertThat(locks.isCalling).as("it asks again").isTrue();
  }

  @Test
  void anAnswerToACallThatWasLostDoesNotCount() {
    cutOff();
    time.run(locks.onEnd);
    locks.isCalling = false;
    locks.database = Future.failedFuture("the database is away");
    answered();

    assertThat(shards.areGivenAway()).isFalse();
  }

  @Test
  void aBrokerThatDoesNotAnswerCountsAsNotReached() {
    broker.answer = Promise.<Publisher>promise().future();
    cutOff();
    assertThat(locks.isCalling).isFalse();

    time.elapse(Duration.ofSeconds(10));

    assertThat(locks.isCalling).isTrue();
  }

  /** With a constant pause, an unstable connection would move the shards all the time. */
  @Test
  void thePauseDoublesWithEachHandoverUpToABound() {
    for (int i = 0; i < 8; i++) {
      giveWayAndComeBack();
    }
    assertThat(shards.pauses)
        .extracting(Duration::toSeconds)
        .containsExactly(10L, 20L, 40L, 80L, 160L, 320L, 640L, 640L);
  }

  @Test
  void thePauseIsShortAgainAfterAQuietTime() {
    giveWayAndComeBack();
    giveWayAndComeBack();
    time.elapse(Duration.ofHours(1));
    giveWayAndComeBack();

    assertThat(shards.pauses).extracting(Duration::toSeconds).containsExactly(10L, 20L, 10L);
  }

  private void giveWayAndComeBack() {
    locks.answered = Future.succeededFuture(false);
    cutOff();
    answered();
    time.run(shards.comesBack::complete);
  }

  @Test
  void aRelayThatIsAwayNeitherAsksNorAnswers() {
    cutOff();
    answered();
    shards.nothingIsConfirmed();
    time.elapse(Duration.ofMinutes(1));
    assertThat(locks.isCalling).isFalse();
    assertThat(shards.pauses).hasSize(1);

    broker.answer = here();
    handover.called();
    assertThat(locks.answers).isZero();
  }

  @Test
  void aRelayAnswersOnlyIfItReachesTheBroker() {
    handover.called();
    assertThat(locks.answers).isZero();

    time.elapse(Duration.ofSeconds(5));
    broker.answer = here();
    handover.called();

    assertThat(locks.isAnswering).isTrue();
    assertThat(connected.closed).isEqualTo(1);
  }

  @Test
  void anAnswerIsHeldForAWhileAndGivenAgainAfterAPause() {
    broker.answer = here();
    handover.called();
    time.elapse(Duration.ofSeconds(4));
    handover.called();
    assertThat(locks.isAnswering).isTrue();

    time.elapse(Duration.ofSeconds(1));
    assertThat(locks.isAnswering).isFalse();
    handover.called();
    assertThat(broker.attempts()).as("connects at most every few seconds").isEqualTo(1);

    time.elapse(Duration.ofSeconds(5));
    handover.called();
    assertThat(locks.isAnswering).isTrue();
  }

  /**
   * If it held the lock of the answer, an owner would release its shards for a relay that has
   * stopped.
   */
  @Test
  void aRelayThatStopsHoldsNoLock() {
    broker.answer = here();
    handover.called();
    stop();
    assertThat(locks.isAnswering).isFalse();
  }

  @Test
  void aRelayThatStopsWhileItConnectsAnswersNothing() {
    Promise<Publisher> connecting = Promise.promise();
    broker.answer = connecting.future();
    handover.called();
    stop();

    time.run(() -> connecting.complete(connected));

    assertThat(locks.isAnswering).isFalse();
    assertThat(connected.closed).isEqualTo(1);
  }

  @Test
  void anOwnerThatStopsEndsItsCall() {
    cutOff();
    stop();
    assertThat(locks.isCalling).isFalse();
  }

  @Test
  void anOwnerThatStopsWhileItAsksForTheLockReleasesIt() {
    Promise<Void> database = Promise.promise();
    locks.database = database.future();
    cutOff();
    stop();

    time.run(database::complete);

    assertThat(locks.isCalling).isFalse();
  }
}

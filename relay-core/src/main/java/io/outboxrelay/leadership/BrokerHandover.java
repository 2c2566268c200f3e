package io.outboxrelay.leadership;

import io.outboxrelay.database.Database;
import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a relay that cannot reach its broker give its shards to a relay that can.
 *
 * <pre>
 *   owner                                        other relays
 *   no event of its shards was confirmed for long,
 *   and a new connection to the broker fails
 *   takes the lock of the broker call    ──▶     see the lock when they look at the leases
 *                                                connect to the broker to prove that they can
 *   sees the lock of the answer          ◀──     hold the lock of the answer for a while
 *   ends its terms, stays away until it
 *   can connect and a pause is over
 * </pre>
 *
 * <p>An owner that can connect keeps its shards even if nothing is confirmed, because another relay
 * would have the same problem. If no relay can connect, no shard moves. The pause doubles with each
 * handover, so that an unstable connection does not move the shards all the time.
 *
 * <p>PostgreSQL lets every role take advisory locks, so a session that is no relay can hold these
 * two locks. If such a session holds the lock of the broker call, no owner can call, so no shard is
 * handed over meanwhile; and a relay that fails to acquire a lease connects to the broker, at most
 * every five seconds. If it holds the lock of the answer, an owner that cannot reach the broker
 * releases its shards.
 */
public final class BrokerHandover extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerHandover.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration CONNECTS_WITHIN = Duration.ofSeconds(10);

  /**
   * How long a relay holds the lock of the answer. This is long enough for the calling relay to see
   * the lock, because that relay looks at least once a second.
   */
  private static final Duration ANSWERS_FOR = Duration.ofSeconds(5);

  private static final Duration BETWEEN_ANSWERS = Duration.ofSeconds(5);
  private static final int MOST_DOUBLINGS = 6;

  private final BrokerCallLocks locks;
  private final LongSupplier nanoTime;
  private final Broker broker;
  private final Owner owner;
  private final Duration handOverAfter;
  private BrokerCallLocks.@Nullable Call call;
  private BrokerCallState state = BrokerCallState.QUIET;

  /** True while this relay answers the call of another relay. */
  private boolean answering;

  /** If this promise completes, this relay releases the lock of the answer. */
  private Promise<Void> answerOver = Promise.promise();

  private Future<Void> answerReleased = Future.succeededFuture();

  private long noProofBefore;
  private long noAnswerBefore;
  private long lastHandover;
  private int handovers;

  /** The owner of this relay's shards, which a handover ends. */
  public interface Owner {
    /**
     * Returns the problem that keeps all owned shards from being published. Empty if at least one
     * owned shard is published, or if this relay owns no shard.
     */
    Optional<OngoingProblem> brokerProblem();

    /**
     * Ends the terms of all owned shards at once. The relay then seeks no shard until it has tried
     * to connect to the broker and {@code pause} is over.
     *
     * @return completes when the relay seeks shards again. Fails with the reason if the relay seeks
     *     shards again although it was not able to connect, for example because the broker refuses
     *     it
     */
    Future<Void> giveWay(Duration pause);
  }

  /**
   * @param handOverAfter how long no event may be confirmed before this relay tests its connection
   *     to the broker and calls the other relays
   */
  public BrokerHandover(
      Database database, OutboxNames names, Broker broker, Duration handOverAfter, Owner owner) {
    this(new SqlBrokerCallLocks(database, names), System::nanoTime, broker, handOverAfter, owner);
  }

  BrokerHandover(
      BrokerCallLocks locks,
      LongSupplier nanoTime,
      Broker broker,
      Duration handOverAfter,
      Owner owner) {
    this.locks = locks;
    this.nanoTime = nanoTime;
    this.broker = broker;
    this.handOverAfter = handOverAfter;
    this.owner = owner;
  }

  @Override
  public Future<?> start() {
    noProofBefore = nanoTime.getAsLong();
    noAnswerBefore = noProofBefore;
    vertx.setPeriodic(Math.min(LOOK.toMillis(), handOverAfter.toMillis()), passed -> look());
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    to(BrokerCallState.STOPPED);
    answerOver.tryComplete();
    return Future.join(closeCall(), answerReleased);
  }

  /**
   * Answers the call of another relay if this relay can connect to the broker. To be called
   * repeatedly, on any thread, while another relay calls.
   */
  public void called() {
    context.runOnContext(told -> answer());
  }

  private void look() {
    if (state != BrokerCallState.QUIET && state != BrokerCallState.CALLING) {
      return;
    }
    var problem = owner.brokerProblem();
    if (problem.isEmpty() || age(problem.get()).compareTo(handOverAfter) < 0) {
      endCall();
    } else if (call == null) {
      proveOutage();
    } else {
      lookForAnAnswer(call, problem.get());
    }
  }

  private Duration age(OngoingProblem problem) {
    return Duration.ofNanos(nanoTime.getAsLong() - problem.sinceNanos());
  }

  /** Tries to connect to the broker. If the attempt fails, calls the other relays. */
  private void proveOutage() {
    if (nanoTime.getAsLong() - noProofBefore < 0) {
      return;
    }
    to(BrokerCallState.PROVING);
    connectOnce()
        .onComplete(
            connected -> {
              noProofBefore = nanoTime.getAsLong() + CONNECTS_WITHIN.toNanos();
              endCall();
            },
            failed -> beginCall());
  }

  private Future<Void> connectOnce() {
    Promise<Void> done = Promise.promise();
    long bound =
        vertx.setTimer(
            CONNECTS_WITHIN.toMillis(), late -> done.tryFail("the broker does not answer"));
    broker
        .connect(vertx)
        .onSuccess(Publisher::close)
        // A broker module may complete the future on any thread.
        .onComplete(
            outcome ->
                context.runOnContext(
                    back -> {
                      vertx.cancelTimer(bound);
                      if (outcome.succeeded()) {
                        done.tryComplete();
                      } else {
                        done.tryFail(outcome.cause());
                      }
                    }));
    return done.future();
  }

  private void beginCall() {
    locks
        .call()
        .compose(this::keep)
        // If another relay holds the lock, or the database fails, this attempt to call ends.
        .onComplete(
            kept -> {
              if (call == null) {
                endCall();
              }
            });
  }

  /**
   * Begins the call with the acquired lock. If {@code taken} is empty, another relay holds the
   * lock, because it cannot reach the broker either. This relay then tries again at its next look.
   */
  private Future<Void> keep(Optional<BrokerCallLocks.Call> taken) {
    if (taken.isEmpty()) {
      return Future.succeededFuture();
    }
    var held = taken.get();
    if (state != BrokerCallState.PROVING) {
      return held.release();
    }
    LOG.warn(
        "this relay cannot reach the broker; asking the other relays if one of them can take over");
    call = held;
    to(BrokerCallState.CALLING);
    held.onEnd(
        () -> {
          if (call == held) {
            call = null;
            if (state == BrokerCallState.CALLING) {
              to(BrokerCallState.QUIET);
            }
          }
        });
    return Future.succeededFuture();
  }

  /** Ends this relay's call, or its attempt to call. */
  private void endCall() {
    if (state != BrokerCallState.QUIET && state != BrokerCallState.STOPPED) {
      to(BrokerCallState.QUIET);
    }
    closeCall();
  }

  private Future<Void> closeCall() {
    var ending = call;
    call = null;
    return ending == null ? Future.succeededFuture() : ending.release();
  }

  private void lookForAnAnswer(BrokerCallLocks.Call asking, OngoingProblem problem) {
    to(BrokerCallState.ASKING);
    asking.isAnswered().onComplete(answered -> asked(answered, problem), failure -> endCall());
  }

  private void asked(boolean answered, OngoingProblem problem) {
    if (state != BrokerCallState.ASKING) {
      return;
    }
    if (answered && owner.brokerProblem().isPresent()) {
      giveWay(problem);
    } else if (call == null) {
      endCall();
    } else {
      to(BrokerCallState.CALLING);
    }
  }

  private void giveWay(OngoingProblem problem) {
    to(BrokerCallState.AWAY);
    var pause = pause();
    LOG.warn(
        "releasing all shards to another relay that has just reached the broker, because nothing"
            + " was confirmed here for {} s ({}); this relay seeks shards again once it reaches"
            + " the broker, after {} s at the earliest",
        age(problem).toSeconds(),
        problem.what(),
        pause.toSeconds());
    owner.giveWay(pause).onComplete(outcome -> context.runOnContext(told -> comeBack(outcome)));
    closeCall();
  }

  private void comeBack(AsyncResult<Void> reached) {
    if (state != BrokerCallState.AWAY) {
      return;
    }
    to(BrokerCallState.QUIET);
    if (reached.succeeded()) {
      LOG.info("this relay reaches the broker again and seeks shards");
    } else {
      LOG.warn(
          "seeking shards again, because the pause is over, although this relay did not reach the"
              + " broker: {}",
          reached.cause().getMessage());
    }
  }

  private Duration pause() {
    long now = nanoTime.getAsLong();
    var longest = handOverAfter.multipliedBy(1L << MOST_DOUBLINGS);
    boolean again = handovers > 0 && now - lastHandover < 2 * longest.toNanos();
    handovers = again ? handovers + 1 : 1;
    lastHandover = now;
    return handOverAfter.multipliedBy(1L << Math.min(handovers - 1, MOST_DOUBLINGS));
  }

  private void answer() {
    if (answering || state != BrokerCallState.QUIET) {
      return;
    }
    if (nanoTime.getAsLong() - noAnswerBefore < 0) {
      return;
    }
    answering = true;
    connectOnce()
        .compose(reached -> locks.answer())
        .compose(this::hold)
        .onComplete(
            over -> {
              answering = false;
              noAnswerBefore = nanoTime.getAsLong() + BETWEEN_ANSWERS.toNanos();
            });
  }

  /**
   * Holds the lock of the answer for {@link #ANSWERS_FOR}. If this relay stops, it releases the
   * lock at once. Otherwise the calling relay would see the lock and release its shards, although
   * this relay can no longer acquire them.
   */
  private Future<Void> hold(BrokerCallLocks.Held answer) {
    if (state == BrokerCallState.STOPPED) {
      return answer.release();
    }
    LOG.info("another relay cannot reach the broker, but this relay can: this relay may take over");
    Promise<Void> over = Promise.promise();
    answerOver = over;
    vertx.setTimer(ANSWERS_FOR.toMillis(), passed -> over.tryComplete());
    answerReleased = over.future().eventually(answer::release);
    return answerReleased;
  }

  private void to(BrokerCallState next) {
    state = state.to(next);
  }
}

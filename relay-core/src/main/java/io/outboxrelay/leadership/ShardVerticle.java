package io.outboxrelay.leadership;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.database.Database;
import io.outboxrelay.dispatch.Partitions;
import io.outboxrelay.failure.FailureClassifier;
import io.outboxrelay.failure.LogOnce;
import io.outboxrelay.failure.ProvenBroker;
import io.outboxrelay.failure.RelayException;
import io.outboxrelay.membership.RelayIdentity;
import io.outboxrelay.membership.SharedShard;
import io.outboxrelay.metrics.OngoingProblem;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.metrics.ShardMetrics;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.pipeline.ShardCandidate;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns one shard in this relay: campaigns for the lease, leads, and after a failure begins again
 * from the stored checkpoint.
 *
 * <p>If there is only one shard, the verticle always seeks it. If there are several, {@link
 * Membership} says which shards to seek and which to release.
 */
public final class ShardVerticle extends VerticleBase implements SharedShard {
  private static final Logger LOG = LoggerFactory.getLogger(ShardVerticle.class);
  private static final long TICK_MILLIS = 1_000;

  private final Database database;
  private final RelayConfig config;
  private final Partitions partitions;
  private final ShardCandidate candidate;
  private final ShardMetrics metrics;
  private final ProvenBroker broker;
  private final Runnable onRefusal;
  private final boolean proven;
  private final LogOnce logOnce;
  private final IntConsumer onResharding;
  private final WarmStandby warmStandby;
  private final Promise<Void> ready = Promise.promise();
  private final Promise<Void> ended = Promise.promise();
  private volatile RelayState state = RelayState.STANDBY;
  private volatile @Nullable LeadershipTerm term;

  /** The latest term, also while it releases the shard and after it has ended. */
  private volatile @Nullable LeadershipTerm latest;

  private @Nullable LeadershipTerm draining;
  private Future<Void> lastTerm = Future.succeededFuture();
  private volatile boolean sought;
  private volatile boolean idle = true;
  private volatile @Nullable OngoingProblem problem;
  private boolean called;
  private boolean stopping;
  private int failures;

  /**
   * @param broker for replays, which do not go through {@code partitions}
   * @param proven true if this relay has found the outbox in order before
   * @param logOnce shared by all shards of this relay
   * @param onResharding called with the number of shards if it has changed
   * @param onBrokerCall called while another relay asks if this one can reach the broker
   */
  public ShardVerticle(
      Database database,
      RelayConfig config,
      ProvenBroker broker,
      ShardKey share,
      Partitions partitions,
      RelayIdentity self,
      RelayMetrics metrics,
      boolean proven,
      LogOnce logOnce,
      IntConsumer onResharding,
      Runnable onBrokerCall) {
    this.database = database;
    this.config = config;
    this.partitions = partitions;
    this.broker = broker;
    this.onRefusal = () -> metrics.refused(RelayMetrics.DATABASE);
    this.metrics = metrics.shard(share.shard());
    this.candidate =
        new ShardCandidate(
            share, self, broker, this.metrics, metrics.replays(), this::called, onBrokerCall);
    this.warmStandby = new WarmStandby(share, config.retry(), this::newTerm);
    this.proven = proven;
    this.logOnce = logOnce;
    this.onResharding = onResharding;
  }

  @Override
  public ShardKey share() {
    return candidate.share();
  }

  public RelayState state() {
    return state;
  }

  /** Returns the problem that keeps this shard from using the database; empty if there is none. */
  public Optional<OngoingProblem> problem() {
    return Optional.ofNullable(problem);
  }

  @Override
  public boolean isIdle() {
    return idle;
  }

  @Override
  public boolean isSought() {
    return sought;
  }

  @Override
  public boolean isLed() {
    return state == RelayState.LEADING;
  }

  /**
   * Returns true if its session holds the shard's lease, also before it publishes and while it
   * drains. Operators call this leading.
   */
  public boolean isOwned() {
    var last = latest;
    return last != null && last.owns();
  }

  /** Returns true if it owns the shard and operators have paused everything. */
  public boolean isPaused() {
    var current = term;
    return isLed() && current != null && current.isPaused();
  }

  @Override
  public boolean isHeldUp() {
    var current = term;
    return isLed() && current != null && current.isHeldUp();
  }

  @Override
  public void seek() {
    context.runOnContext(
        told -> {
          if (idle && !stopping) {
            campaign();
          }
        });
  }

  @Override
  public void expect(boolean soon) {
    if (soon != warmStandby.isAppointed()) {
      context.runOnContext(told -> change(soon));
    }
  }

  @Override
  public Future<Void> prepare() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(told -> change(true).onComplete(done));
    return done.future();
  }

  private Future<Void> change(boolean soon) {
    if (!soon) {
      return warmStandby.dismiss();
    }
    return idle && !stopping ? warmStandby.appoint() : Future.succeededFuture();
  }

  @Override
  public void giveUp() {
    context.runOnContext(told -> letGo("releasing {} to a relay that has fewer"));
  }

  /**
   * Ends the term at once, because nothing reaches the broker, and acquires nothing until {@code
   * until} is complete. Events in flight are published again by the next owner.
   *
   * @return completes when the shard is released
   */
  public Future<Void> giveWay(Future<Void> until) {
    Promise<Void> released = Promise.promise();
    context.runOnContext(
        told -> {
          var current = term;
          if (current == null || stopping) {
            released.complete();
            return;
          }
          term = null;
          sought = false;
          if (state == RelayState.LEADING) {
            to(RelayState.DRAINING);
          }
          lastTerm = current.end();
          lastTerm.onComplete(over -> awayUntil(until, released));
        });
    return released.future();
  }

  private void awayUntil(Future<Void> until, Promise<Void> released) {
    if (state == RelayState.DRAINING) {
      to(RelayState.STANDBY);
    }
    released.complete();
    until.onComplete(over -> context.runOnContext(told -> comeBack()));
  }

  private void comeBack() {
    if (stopping) {
      return;
    }
    if (isAlone()) {
      campaign();
    } else {
      rest();
    }
  }

  /** Completes when the database has answered and holds an outbox; fails if waiting cannot help. */
  public Future<Void> ready() {
    return ready.future();
  }

  /**
   * Completes when the shard was stopped; fails with {@link RelayException} if it cannot continue.
   */
  public Future<Void> ended() {
    return ended.future();
  }

  @Override
  public Future<?> start() {
    metrics.tick();
    vertx.setPeriodic(TICK_MILLIS, passed -> metrics.tick());
    if (isAlone()) {
      campaign();
    } else {
      vertx.setPeriodic(Lease.BETWEEN_REHEARSALS.toMillis(), passed -> warmStandby.rehearse());
    }
    return Future.succeededFuture();
  }

  private boolean isAlone() {
    return share().of() == 1;
  }

  /**
   * Keeps the lease until nothing is in flight, because a successor could overtake those events.
   */
  @Override
  public Future<?> stop() {
    stopping = true;
    metrics.rests();
    idle = false;
    ready.tryFail("the relay was stopped before the database had answered");
    return Future.join(warmStandby.dismiss(), end(term))
        .transform(over -> Future.<Void>succeededFuture())
        .eventually(
            () -> {
              to(RelayState.STOPPED);
              ended.tryComplete();
              return Future.succeededFuture();
            });
  }

  private Future<Void> end(@Nullable LeadershipTerm current) {
    if (current == null) {
      return lastTerm;
    }
    if (state != RelayState.LEADING) {
      return current.end();
    }
    to(RelayState.DRAINING);
    draining = current;
    return current
        .drain()
        .onSuccess(this::drained)
        .onFailure(this::notDrained)
        .transform(over -> Future.succeededFuture());
  }

  private void drained(long givenUp) {
    if (givenUp == 0) {
      LOG.info("stopped; everything read is confirmed, and the checkpoint says exactly that");
    }
    tellGivenUp(givenUp);
  }

  private void tellGivenUp(long givenUp) {
    if (givenUp > 0) {
      LOG.atWarn()
          .addKeyValue("shard", share().shard())
          .log(
              "released {} with up to {} events not confirmed, as none was for relay.defer-after of"
                  + " {} ms, or not all within relay.stop-timeout of {} ms; they will be published"
                  + " again",
              share(),
              givenUp,
              config.deferAfter().toMillis(),
              config.stopTimeout().toMillis());
    }
  }

  private void notDrained(Throwable failure) {
    LOG.warn(
        "stopped, and the last checkpoint could not be written ({}); what was confirmed since the"
            + " one before it will be published again",
        trouble(failure).sentence());
  }

  /**
   * Releases the shard for a re-sharding. A term that has not begun to lead yet releases it as soon
   * as it leads, because a campaign under way is not interrupted.
   */
  private void called() {
    called = true;
    letGo("releasing {}, because the number of shards changes");
  }

  private void letGo(String why) {
    var current = term;
    if (current == null || stopping || state != RelayState.LEADING) {
      return;
    }
    LOG.atInfo().addKeyValue("shard", share().shard()).log(why, share());
    to(RelayState.DRAINING);
    // Otherwise the next rebalancing would count this shard as kept, and release another one.
    sought = false;
    term = null;
    draining = current;
    lastTerm =
        current
            .drain()
            .onSuccess(this::tellGivenUp)
            .onFailure(this::notDrained)
            .transform(over -> Future.<Void>succeededFuture());
    lastTerm.onComplete(
        over -> {
          if (!stopping) {
            to(RelayState.STANDBY);
            seekAfter(1);
          }
        });
  }

  private void campaign() {
    idle = false;
    sought = true;
    called = false;
    var next = warmStandby.succeed().orElseGet(this::newTerm);
    term = next;
    latest = next;
    next.over().onFailure(failure -> failed(next, failure));
    next.campaign(this::connected)
        .onComplete(begun -> lead(next), failure -> failed(next, failure));
  }

  private LeadershipTerm newTerm() {
    return new LeadershipTerm(vertx, database, config, partitions, candidate);
  }

  private void connected() {
    problem = null;
    ready.tryComplete();
  }

  private void lead(LeadershipTerm begun) {
    if (begun == term && !stopping) {
      to(RelayState.LEADING);
      failures = 0;
      logOnce.over();
      LOG.atInfo().addKeyValue("shard", share().shard()).log("leading {}", share());
      if (called) {
        called();
      }
    }
  }

  private void failed(LeadershipTerm broken, Throwable failure) {
    if (broken == draining) {
      // Another relay may own the shard from now on, so nothing more may go out; the drain fails.
      LOG.debug("the term ended while it was drained", failure);
      draining = null;
      broken.end();
      return;
    }
    // Every pending query and every connection reports the same failure; only the first counts.
    if (broken != term || stopping) {
      return;
    }
    LOG.debug("the tenure ended", failure);
    term = null;
    if (state == RelayState.LEADING) {
      to(RelayState.DRAINING);
    }
    lastTerm = broken.end();
    lastTerm.onComplete(over -> ended(failure));
  }

  private void ended(Throwable failure) {
    if (state == RelayState.DRAINING) {
      to(RelayState.STANDBY);
    }
    if (stopping) {
      return;
    }
    if (failure instanceof ShardCountChangedException resharded) {
      onResharding.accept(resharded.shards());
    } else if (failure instanceof LeaseTakenException) {
      rest();
    } else {
      tryAgain(trouble(failure));
    }
  }

  private void rest() {
    sought = false;
    idle = true;
  }

  private void tryAgain(FailureClassifier trouble) {
    boolean hasWorked = proven || ready.future().isComplete();
    if (trouble.isRefusalOfTheDatabase()) {
      onRefusal.run();
    }
    trouble
        .lasting(hasWorked, broker.isProven())
        .ifPresentOrElse(this::giveUp, () -> tryLater(trouble));
  }

  private void tryLater(FailureClassifier trouble) {
    failures++;
    problem = OngoingProblem.goOn(problem, trouble.sentence());
    if (failures == 1) {
      logOnce.raise(trouble.sentence());
    }
    seekAfter(failures);
  }

  private void seekAfter(int attempts) {
    sought = false;
    vertx.setTimer(
        config.retry().millis(attempts),
        again -> {
          comeBack();
        });
  }

  private void giveUp(RelayException reason) {
    ready.tryFail(reason);
    ended.tryFail(reason);
  }

  private FailureClassifier trouble(Throwable failure) {
    return new FailureClassifier(database.config(), failure);
  }

  private void to(RelayState next) {
    LOG.debug("{} → {}", state, next);
    state = state.to(next);
  }
}

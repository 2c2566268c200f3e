package io.outboxrelay.leadership;

import io.outboxrelay.dispatch.Partitions;
import io.outboxrelay.failure.FailureClassifier;
import io.outboxrelay.failure.RelayException;
import io.outboxrelay.format.CountFormat;
import io.outboxrelay.health.OngoingProblem;
import io.outboxrelay.membership.Membership;
import io.outboxrelay.membership.SharedShard;
import io.outboxrelay.metrics.RelayMetrics;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.pipeline.RelayContext;
import io.outboxrelay.pipeline.ShardContext;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns one shard in this relay: campaigns for the lease, leads, and after a failure begins again
 * from the stored checkpoint.
 *
 * <p>If there is only one shard, the verticle always seeks it. If there are several, {@code
 * Membership} says which shards to seek and which to release.
 */
public final class ShardVerticle extends VerticleBase implements SharedShard {
  private static final Logger LOG = LoggerFactory.getLogger(ShardVerticle.class);
  private static final long TICK_MILLIS = 1_000;

  private final ShardContext shard;
  private final boolean proven;
  private final Events events;
  private final TermSteps.Factory steps;
  private final WarmStandby warmStandby;
  private final Promise<Void> ready = Promise.promise();
  private final Promise<Void> ended = Promise.promise();
  private volatile ShardState state = ShardState.IDLE;

  /** The latest term, also after it has ended; null before the first. */
  private volatile @Nullable LeadershipTerm term;

  private Future<Void> lastTerm = Future.succeededFuture();
  private volatile @Nullable OngoingProblem problem;

  /**
   * True if owners were asked to release their shards since the last campaign began. If the term
   * does not lead yet, it releases the shard as soon as it leads.
   */
  private boolean called;

  private int failures;

  /** Receives the events of a shard that concern the whole relay. */
  public interface Events extends Membership.Events {
    /** Called with the reason for each failure after which the shard is sought again. */
    void failed(String sentence);

    /** Called when this relay has begun to lead the shard. */
    void leads();
  }

  /**
   * @param proven true if this relay has found the outbox in order before
   * @param events receives the events that concern the whole relay
   */
  public ShardVerticle(
      RelayContext relay, ShardKey share, Partitions partitions, boolean proven, Events events) {
    this(relay, share, partitions, proven, events, ShardTermSteps::new);
  }

  ShardVerticle(
      RelayContext relay,
      ShardKey share,
      Partitions partitions,
      boolean proven,
      Events events,
      TermSteps.Factory steps) {
    this.shard = new ShardContext(relay, share, partitions, this::called, events::brokerCalled);
    this.warmStandby = new WarmStandby(share, relay.config().failures().backoff(), this::newTerm);
    this.proven = proven;
    this.events = events;
    this.steps = steps;
  }

  @Override
  public ShardKey share() {
    return shard.share();
  }

  public RelayState state() {
    return state.forOperators();
  }

  /** Returns the problem that keeps this shard from using the database; empty if there is none. */
  public Optional<OngoingProblem> problem() {
    return Optional.ofNullable(problem);
  }

  @Override
  public boolean isIdle() {
    return state == ShardState.IDLE && !isAlone();
  }

  @Override
  public boolean isSought() {
    return state.isSought();
  }

  @Override
  public boolean isLed() {
    return state == ShardState.LEADING;
  }

  /**
   * Returns true if this relay holds the shard's lease, also before it publishes and while it
   * drains. For operators, such a shard counts as led by this relay.
   */
  public boolean isOwned() {
    var latest = term;
    return latest != null && latest.state().owns();
  }

  /**
   * Returns the value that {@link System#nanoTime} had when this relay began to publish the shard;
   * empty if this relay does not publish the shard now. May be called on any thread.
   */
  public OptionalLong ledSince() {
    var latest = term;
    return latest == null ? OptionalLong.empty() : latest.ledSince();
  }

  /** Returns true if this relay leads the shard and operators have paused everything. */
  public boolean isPaused() {
    var latest = term;
    return isLed() && latest != null && latest.isPaused();
  }

  @Override
  public boolean isHeldUp() {
    var latest = term;
    return isLed() && latest != null && latest.isHeldUp();
  }

  @Override
  public void seek() {
    context.runOnContext(
        told -> {
          if (isIdle()) {
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
    return isIdle() ? warmStandby.appoint() : Future.succeededFuture();
  }

  @Override
  public void giveUp() {
    context.runOnContext(told -> release("releasing {} to a relay that owns fewer shards"));
  }

  /**
   * Ends the term at once, because this relay cannot reach the broker, and does not seek the shard
   * until {@code until} is complete. The next owner publishes the events in flight again. No effect
   * if this relay neither leads the shard nor campaigns for it.
   *
   * @return completes when the shard is released
   */
  public Future<Void> giveWay(Future<Void> until) {
    Promise<Void> released = Promise.promise();
    context.runOnContext(told -> giveWay(until, released));
    return released.future();
  }

  private void giveWay(Future<Void> until, Promise<Void> released) {
    var current = term;
    if (current == null || !(state == ShardState.CAMPAIGNING || state == ShardState.LEADING)) {
      released.complete();
      return;
    }
    to(state == ShardState.LEADING ? ShardState.GIVING_WAY : ShardState.AWAY);
    lastTerm = current.end();
    lastTerm.onComplete(
        over -> {
          if (state == ShardState.GIVING_WAY) {
            to(ShardState.AWAY);
          }
          released.complete();
          until.onComplete(back -> context.runOnContext(told -> comeBack(ShardState.AWAY)));
        });
  }

  /**
   * If the state is still {@code from}, campaigns again or, if there are several shards, waits
   * until this relay is told to seek the shard.
   */
  private void comeBack(ShardState from) {
    if (state != from) {
      return;
    }
    if (isAlone()) {
      campaign();
    } else {
      to(ShardState.IDLE);
    }
  }

  /**
   * Completes when the database has answered and holds an outbox. Fails if the relay cannot
   * continue, or is stopped before.
   */
  public Future<Void> ready() {
    return ready.future();
  }

  /**
   * Completes when this verticle has stopped; fails with {@link RelayException} if the relay cannot
   * continue.
   */
  public Future<Void> ended() {
    return ended.future();
  }

  @Override
  public Future<?> start() {
    tick();
    vertx.setPeriodic(TICK_MILLIS, passed -> tick());
    if (isAlone()) {
      campaign();
    } else {
      vertx.setPeriodic(
          LeaseCampaign.BETWEEN_REHEARSALS.toMillis(), passed -> warmStandby.rehearse());
    }
    return Future.succeededFuture();
  }

  private void tick() {
    shard.health().tick();
    shard.metrics().tick();
  }

  private boolean isAlone() {
    return share().of() == 1;
  }

  /**
   * Ends the term in good order. Keeps the lease until no event is in flight, because a successor
   * could overtake the events in flight.
   */
  @Override
  public Future<?> stop() {
    var before = state;
    to(before.whenStopped());
    shard.health().rests();
    ready.tryFail("the relay was stopped before the database had answered");
    return Future.join(warmStandby.dismiss(), end(before))
        .transform(over -> Future.<Void>succeededFuture())
        .eventually(
            () -> {
              to(ShardState.STOPPED);
              ended.tryComplete();
              return Future.succeededFuture();
            });
  }

  private Future<Void> end(ShardState before) {
    var current = term;
    if (current == null || !(before == ShardState.LEADING || before == ShardState.CAMPAIGNING)) {
      return lastTerm;
    }
    if (before == ShardState.CAMPAIGNING) {
      return current.end();
    }
    return current
        .drain()
        .onSuccess(this::drained)
        .onFailure(this::notDrained)
        .transform(over -> Future.succeededFuture());
  }

  private void drained(long givenUp) {
    if (givenUp == 0) {
      LOG.info("stopped; everything read is confirmed and covered by the checkpoint");
    }
    tellGivenUp(givenUp);
  }

  private void tellGivenUp(long givenUp) {
    if (givenUp > 0) {
      LOG.atWarn()
          .addKeyValue("shard", share().shard())
          .log(
              "released {} with up to {} not confirmed, because no confirm came for"
                  + " relay.defer-after ({} ms), or not all within relay.stop-timeout ({} ms); these"
                  + " events will be published again",
              share(),
              CountFormat.of(givenUp, "event"),
              shard.config().failures().deferAfter().toMillis(),
              shard.config().failover().stopTimeout().toMillis());
    }
  }

  private void notDrained(Throwable failure) {
    LOG.warn(
        "the last checkpoint could not be written before the shard was released ({}); events"
            + " confirmed since the checkpoint before it will be published again",
        trouble(failure).sentence());
  }

  /**
   * Releases the shard for a re-sharding. If the term does not lead yet, it releases the shard as
   * soon as it leads, because a campaign is not interrupted.
   */
  private void called() {
    called = true;
    release("releasing {}, because the number of shards changes");
  }

  private void release(String why) {
    var current = term;
    if (current == null || state != ShardState.LEADING) {
      return;
    }
    LOG.atInfo().addKeyValue("shard", share().shard()).log(why, share());
    to(ShardState.RELEASING);
    lastTerm =
        current
            .drain()
            .onSuccess(this::tellGivenUp)
            .onFailure(this::notDrained)
            .transform(over -> Future.<Void>succeededFuture());
    lastTerm.onComplete(
        over -> {
          if (state == ShardState.RELEASING) {
            seekAfter(1);
          }
        });
  }

  private void campaign() {
    to(ShardState.CAMPAIGNING);
    called = false;
    var next = warmStandby.succeed().orElseGet(this::newTerm);
    term = next;
    next.over().onFailure(failure -> failed(next, failure));
    next.campaign(this::connected)
        .onComplete(begun -> lead(next), failure -> failed(next, failure));
  }

  private LeadershipTerm newTerm() {
    return new LeadershipTerm(current -> steps.create(shard, current));
  }

  private void connected() {
    problem = null;
    ready.tryComplete();
  }

  private void lead(LeadershipTerm begun) {
    if (begun == term && state == ShardState.CAMPAIGNING) {
      to(ShardState.LEADING);
      failures = 0;
      events.leads();
      LOG.atInfo().addKeyValue("shard", share().shard()).log("leading {}", share());
      if (called) {
        called();
      }
    }
  }

  /**
   * Ends a term that has failed. Every pending query and every connection reports the same failure;
   * only the first report has an effect.
   */
  private void failed(LeadershipTerm broken, Throwable failure) {
    if (broken != term) {
      return;
    }
    switch (state) {
      case CAMPAIGNING -> fail(ShardState.CAMPAIGN_FAILED, broken, failure);
      case LEADING -> fail(ShardState.TERM_FAILED, broken, failure);
      case RELEASING, RESIGNING -> {
        // Another relay may own the shard from now on, so nothing more may be published.
        LOG.debug("the term ended while it was drained", failure);
        broken.end();
      }
      case IDLE, CAMPAIGN_FAILED, TERM_FAILED, GIVING_WAY, AWAY, WAITING, STOPPING, STOPPED -> {}
    }
  }

  private void fail(ShardState next, LeadershipTerm broken, Throwable failure) {
    LOG.debug("the term ended", failure);
    to(next);
    lastTerm = broken.end();
    lastTerm.onComplete(
        over -> {
          if (state == next) {
            ended(failure);
          }
        });
  }

  private void ended(Throwable failure) {
    if (failure instanceof ShardCountChangedException resharded) {
      to(ShardState.WAITING);
      events.resharded(resharded.shards());
    } else if (failure instanceof LeaseTakenException) {
      to(ShardState.IDLE);
    } else {
      tryAgain(trouble(failure));
    }
  }

  private void tryAgain(FailureClassifier trouble) {
    boolean hasWorked = proven || ready.future().isComplete();
    if (trouble.isRefusalOfTheDatabase()) {
      shard.relay().metrics().refused(RelayMetrics.DATABASE);
    }
    trouble
        .lasting(hasWorked, shard.relay().broker().isProven())
        .ifPresentOrElse(this::giveUp, () -> tryLater(trouble));
  }

  private void tryLater(FailureClassifier trouble) {
    failures++;
    problem = OngoingProblem.goOn(problem, trouble.sentence());
    events.failed(trouble.sentence());
    seekAfter(failures);
  }

  private void seekAfter(int attempts) {
    to(ShardState.WAITING);
    vertx.setTimer(
        shard.config().failures().backoff().millis(attempts),
        again -> comeBack(ShardState.WAITING));
  }

  private void giveUp(RelayException reason) {
    to(ShardState.WAITING);
    ready.tryFail(reason);
    ended.tryFail(reason);
  }

  private FailureClassifier trouble(Throwable failure) {
    return new FailureClassifier(shard.relay().database().config(), failure);
  }

  private void to(ShardState next) {
    LOG.debug("{} → {}", state, next);
    state = state.to(next);
  }
}

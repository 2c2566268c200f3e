package io.outboxrelay.relay;

import io.outboxrelay.database.Database;
import io.outboxrelay.metrics.Hitch;
import io.outboxrelay.metrics.Meters;
import io.outboxrelay.metrics.ShardMeters;
import io.outboxrelay.outbox.Share;
import io.outboxrelay.partition.Partitions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns its shard whenever it may: campaigns for the lease, leads, and after a failure begins again
 * from the stored checkpoint.
 *
 * <p>The only shard there is may be had by anyone and is always sought; where there are several,
 * {@link Membership} says which to seek and which to let go of.
 */
final class Shard extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(Shard.class);
  private static final long TICK_MILLIS = 1_000;

  private final Database database;
  private final RelayConfig config;
  private final Partitions partitions;
  private final Tenure.Candidate candidate;
  private final ShardMeters meters;
  private final ProvenBroker broker;
  private final Runnable onRefusal;
  private final boolean proven;
  private final Complaints complaints;
  private final IntConsumer onRedivision;
  private final Heir heir;
  private final Promise<Void> ready = Promise.promise();
  private final Promise<Void> ended = Promise.promise();
  private volatile RelayState state = RelayState.STANDBY;
  private volatile @Nullable Tenure tenure;

  /** The latest tenure, also while it lets go of the shard and after it has ended. */
  private volatile @Nullable Tenure latest;

  private @Nullable Tenure draining;
  private Future<Void> lastTenure = Future.succeededFuture();
  private volatile boolean sought;
  private volatile boolean idle = true;
  private volatile @Nullable Hitch hitch;
  private boolean called;
  private boolean stopping;
  private int failures;

  /**
   * @param broker for what goes another way than through {@code partitions}
   * @param proven whether this relay has found the outbox in order before
   * @param complaints of all shards of this relay
   * @param onRedivision told how many shards there are, where this is not one of them any more
   */
  Shard(
      Database database,
      RelayConfig config,
      ProvenBroker broker,
      Share share,
      Partitions partitions,
      Self self,
      Meters meters,
      boolean proven,
      Complaints complaints,
      IntConsumer onRedivision) {
    this.database = database;
    this.config = config;
    this.partitions = partitions;
    this.broker = broker;
    this.onRefusal = () -> meters.refused(Meters.DATABASE);
    this.meters = meters.shard(share.shard());
    this.candidate =
        new Tenure.Candidate(share, self, broker, this.meters, meters.replays(), this::called);
    this.heir = new Heir(share, config.retry(), this::newTenure);
    this.proven = proven;
    this.complaints = complaints;
    this.onRedivision = onRedivision;
  }

  Share share() {
    return candidate.share();
  }

  RelayState state() {
    return state;
  }

  /** What keeps it from working with the database. */
  Optional<Hitch> hitch() {
    return Optional.ofNullable(hitch);
  }

  /** Whether it would seek the shard if it was told to. */
  boolean isIdle() {
    return idle;
  }

  /** Whether it owns the shard and is not letting go of it, or tries to own it. */
  boolean isSought() {
    return sought;
  }

  /** Whether it owns the shard, and is not about to let go of it. */
  boolean isLed() {
    return state == RelayState.LEADING;
  }

  /**
   * Whether its session holds the shard's lease, whether it publishes, is about to, or lets go:
   * this is what leading means to operators.
   */
  boolean isOwned() {
    var last = latest;
    return last != null && last.owns();
  }

  /** Whether it owns the shard and operators have paused everything. */
  boolean isPaused() {
    var current = tenure;
    return isLed() && current != null && current.isPaused();
  }

  /** Whether giving it up would take long; see {@link Flow#isHeldUp}. */
  boolean isHeldUp() {
    var current = tenure;
    return isLed() && current != null && current.isHeldUp();
  }

  /** Tries for the shard, once; to be called on any thread, and changes nothing where it does. */
  void seek() {
    context.runOnContext(
        told -> {
          if (idle && !stopping) {
            campaign();
          }
        });
  }

  /**
   * Has at hand, or no longer, what taking the shard over needs, while another relay owns it; to be
   * called on any thread, again and again.
   */
  void expect(boolean soon) {
    if (soon != heir.isAppointed()) {
      context.runOnContext(told -> change(soon));
    }
  }

  /** The same at once; completes when it has, or could not. */
  Future<Void> prepare() {
    Promise<Void> done = Promise.promise();
    context.runOnContext(told -> change(true).onComplete(done));
    return done.future();
  }

  private Future<Void> change(boolean soon) {
    if (!soon) {
      return heir.dismiss();
    }
    return idle && !stopping ? heir.appoint() : Future.succeededFuture();
  }

  /** Lets go of the shard, in good order; to be called on any thread. */
  void giveUp() {
    context.runOnContext(told -> letGo("giving up {} to a relay that has fewer"));
  }

  /**
   * Completes when the database has answered and holds an outbox; fails where it lastingly cannot.
   */
  Future<Void> ready() {
    return ready.future();
  }

  /** Completes when the shard was stopped; fails with what makes going on pointless. */
  Future<Void> ended() {
    return ended.future();
  }

  @Override
  public Future<?> start() {
    meters.tick();
    vertx.setPeriodic(TICK_MILLIS, passed -> meters.tick());
    if (isAlone()) {
      campaign();
    } else {
      vertx.setPeriodic(Lease.BETWEEN_REHEARSALS.toMillis(), passed -> heir.rehearse());
    }
    return Future.succeededFuture();
  }

  private boolean isAlone() {
    return share().of() == 1;
  }

  /** Keeps the lease until nothing is in flight, or a successor could overtake what is. */
  @Override
  public Future<?> stop() {
    stopping = true;
    meters.rests();
    idle = false;
    ready.tryFail("the relay was stopped before the database had answered");
    return Future.join(heir.dismiss(), end(tenure))
        .transform(over -> Future.<Void>succeededFuture())
        .eventually(
            () -> {
              to(RelayState.STOPPED);
              ended.tryComplete();
              return Future.succeededFuture();
            });
  }

  private Future<Void> end(@Nullable Tenure current) {
    if (current == null) {
      return lastTenure;
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
              "let go of {} with up to {} events not confirmed, as none was for relay.defer-after of"
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
        "stopped, and the last checkpoint could not be written ({}); what was confirmed since the one"
            + " before it will be published again",
        trouble(failure).sentence());
  }

  /** What is under way when all owners are called must first be begun. */
  private void called() {
    called = true;
    letGo("letting go of {}, as the outbox is to be divided anew");
  }

  private void letGo(String why) {
    var current = tenure;
    if (current == null || stopping || state != RelayState.LEADING) {
      return;
    }
    LOG.atInfo().addKeyValue("shard", share().shard()).log(why, share());
    to(RelayState.DRAINING);
    // Or as many more would be given up as are still draining when others are next looked at.
    sought = false;
    tenure = null;
    draining = current;
    lastTenure =
        current
            .drain()
            .onSuccess(this::tellGivenUp)
            .onFailure(this::notDrained)
            .transform(over -> Future.<Void>succeededFuture());
    lastTenure.onComplete(
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
    var next = heir.succeed().orElseGet(this::newTenure);
    tenure = next;
    latest = next;
    next.over().onFailure(failure -> failed(next, failure));
    next.campaign(this::connected)
        .onComplete(begun -> lead(next), failure -> failed(next, failure));
  }

  private Tenure newTenure() {
    return new Tenure(vertx, database, config, partitions, candidate);
  }

  private void connected() {
    hitch = null;
    ready.tryComplete();
  }

  private void lead(Tenure begun) {
    if (begun == tenure && !stopping) {
      to(RelayState.LEADING);
      failures = 0;
      complaints.over();
      LOG.atInfo().addKeyValue("shard", share().shard()).log("leading {}", share());
      if (called) {
        called();
      }
    }
  }

  private void failed(Tenure broken, Throwable failure) {
    if (broken == draining) {
      // Another relay may own the shard from now on, so nothing more may go out; the drain fails.
      LOG.debug("the tenure ended while it was drained", failure);
      draining = null;
      broken.end();
      return;
    }
    // One failure has many heralds: each query under way, and each connection.
    if (broken != tenure || stopping) {
      return;
    }
    LOG.debug("the tenure ended", failure);
    tenure = null;
    if (state == RelayState.LEADING) {
      to(RelayState.DRAINING);
    }
    lastTenure = broken.end();
    lastTenure.onComplete(over -> ended(failure));
  }

  private void ended(Throwable failure) {
    if (state == RelayState.DRAINING) {
      to(RelayState.STANDBY);
    }
    if (stopping) {
      return;
    }
    if (failure instanceof RedividedException redivided) {
      onRedivision.accept(redivided.shards());
    } else if (failure instanceof TakenException) {
      rest();
    } else {
      tryAgain(trouble(failure));
    }
  }

  private void rest() {
    sought = false;
    idle = true;
  }

  private void tryAgain(Trouble trouble) {
    boolean hasWorked = proven || ready.future().isComplete();
    if (trouble.isRefusalOfTheDatabase()) {
      onRefusal.run();
    }
    trouble
        .lasting(hasWorked, broker.isProven())
        .ifPresentOrElse(this::giveUp, () -> tryLater(trouble));
  }

  private void tryLater(Trouble trouble) {
    failures++;
    hitch = Hitch.goOn(hitch, trouble.sentence());
    if (failures == 1) {
      complaints.raise(trouble.sentence());
    }
    seekAfter(failures);
  }

  private void seekAfter(int attempts) {
    sought = false;
    vertx.setTimer(
        config.retry().millis(attempts),
        again -> {
          if (stopping) {
            return;
          }
          if (isAlone()) {
            campaign();
          } else {
            rest();
          }
        });
  }

  private void giveUp(RelayException reason) {
    ready.tryFail(reason);
    ended.tryFail(reason);
  }

  private Trouble trouble(Throwable failure) {
    return new Trouble(database.config(), failure);
  }

  private void to(RelayState next) {
    LOG.debug("{} → {}", state, next);
    state = state.to(next);
  }
}

package io.outboxrelay.relay;

import io.outboxrelay.database.Database;
import io.outboxrelay.partition.Partitions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns the shard whenever it can: campaigns for the lease, leads, and after a failure begins again
 * from the stored checkpoint.
 */
final class Shard extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(Shard.class);

  private final Database database;
  private final RelayConfig config;
  private final Partitions partitions;
  private final String owner;
  private final Promise<Void> ready = Promise.promise();
  private final Promise<Void> ended = Promise.promise();
  private volatile RelayState state = RelayState.STANDBY;
  private @Nullable Tenure tenure;
  private Future<Void> lastTenure = Future.succeededFuture();
  private boolean stopping;
  private int failures;

  Shard(Database database, RelayConfig config, Partitions partitions, String owner) {
    this.database = database;
    this.config = config;
    this.partitions = partitions;
    this.owner = owner;
  }

  RelayState state() {
    return state;
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
    campaign();
    return Future.succeededFuture();
  }

  /** Keeps the lease until nothing is in flight, or a successor could overtake what is. */
  @Override
  public Future<?> stop() {
    stopping = true;
    ready.tryFail("the relay was stopped before the database had answered");
    return end(tenure)
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
    return current
        .drain()
        .onSuccess(this::drained)
        .onFailure(this::notDrained)
        .transform(over -> Future.succeededFuture());
  }

  private void drained(long givenUp) {
    if (givenUp == 0) {
      LOG.info("stopped; everything read is confirmed, and the checkpoint says exactly that");
    } else {
      LOG.warn(
          "stopped after relay.stop-timeout of {} ms with up to {} events not confirmed; they will be"
              + " published again",
          config.stopTimeout().toMillis(),
          givenUp);
    }
  }

  private void notDrained(Throwable failure) {
    LOG.warn(
        "stopped, and the last checkpoint could not be written ({}); what was confirmed since the one"
            + " before it will be published again",
        trouble(failure).sentence());
  }

  private void campaign() {
    var next = new Tenure(vertx, database, config, partitions, owner);
    tenure = next;
    next.over().onFailure(failure -> failed(next, failure));
    next.campaign(ready::tryComplete)
        .onComplete(begun -> lead(next), failure -> failed(next, failure));
  }

  private void lead(Tenure begun) {
    if (begun == tenure && !stopping) {
      to(RelayState.LEADING);
      failures = 0;
      LOG.info("leading shard 0");
    }
  }

  private void failed(Tenure broken, Throwable failure) {
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
    if (!stopping) {
      tryAgain(trouble(failure));
    }
  }

  private void tryAgain(Trouble trouble) {
    boolean hasWorked = ready.future().isComplete();
    trouble.lasting(hasWorked).ifPresentOrElse(this::giveUp, () -> tryLater(trouble));
  }

  private void tryLater(Trouble trouble) {
    failures++;
    if (failures == 1) {
      LOG.warn("{}; nothing is published until that is mended, trying again", trouble.sentence());
    }
    vertx.setTimer(config.retry().millis(failures), again -> unlessStopping());
  }

  private void unlessStopping() {
    if (!stopping) {
      campaign();
    }
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

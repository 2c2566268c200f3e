package io.outboxrelay.doorbell;

import io.outboxrelay.metrics.ShardMetrics;
import io.outboxrelay.outbox.OutboxNames;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a reader without new events sleep, and wakes it when a writer commits.
 *
 * <p>NOTIFY takes a lock for the whole cluster at commit, so a writer must not ring while the relay
 * is awake. While it is awake, the relay holds an advisory lock; a writer that finds the lock held
 * does not ring. The relay may have released the lock between that test and the writer's commit, so
 * it falls asleep in steps, see {@link SleepState}.
 *
 * <p>Use it on the reader's event loop and connection only.
 */
public final class Doorbell {
  private static final Logger LOG = LoggerFactory.getLogger(Doorbell.class);
  private static final long WATCH_FIRST_MILLIS = 3;
  private static final long WATCH_MOST_MILLIS = 100;

  private final Vertx vertx;
  private final SqlConnection connection;
  private final DoorbellConfig config;
  private final ShardMetrics metrics;
  private final String lock;
  private final String unlock;
  private SleepState state = SleepState.SETTLING;
  private @Nullable NotificationListener listener;
  private @Nullable Promise<Void> resting;
  private long restTimer;
  private boolean rung;
  private boolean byItself;
  private long armed;
  private long watchMillis = WATCH_FIRST_MILLIS;
  private long lastFound = System.nanoTime();

  /**
   * @param metrics counts missed rings
   */
  public Doorbell(
      Vertx vertx,
      SqlConnection connection,
      OutboxNames names,
      int shard,
      DoorbellConfig config,
      ShardMetrics metrics) {
    this.vertx = vertx;
    this.connection = connection;
    this.config = config;
    this.metrics = metrics;
    this.lock = "select pg_try_advisory_lock(" + names.doorbellLock(shard) + ")";
    this.unlock = "select pg_advisory_unlock(" + names.doorbellLock(shard) + ")";
  }

  /** Sets the listener that hears the doorbell; without one, the relay polls. */
  public void listenTo(NotificationListener hearing) {
    listener = hearing;
  }

  /** Wakes the relay, or makes it look once more before it sleeps. */
  public void ring() {
    rung = true;
    wake();
  }

  /**
   * Must be called when a look begins. A ring from then on may be for an event that the look does
   * not see.
   */
  public void looking() {
    rung = false;
  }

  /**
   * Must be called when a look has found events: the relay is awake, and takes the lock so that
   * writers do not ring.
   */
  public void found() {
    lastFound = System.nanoTime();
    if (byItself && state == SleepState.ASLEEP && hears()) {
      metrics.bellMissed();
    }
    if (state != SleepState.AWAKE) {
      // Not awaited, because it runs on the connection before the next look does.
      connection
          .preparedQuery(lock)
          .execute()
          .onSuccess(
              rows -> {
                // A writer that tests the lock holds it for a moment; then the next look tries
                // again.
                if (rows.iterator().next().getBoolean(0)) {
                  to(SleepState.AWAKE);
                }
              });
    }
  }

  /**
   * Must be called when a look has found nothing; completes when it is time for the next look.
   *
   * @param fence the server's next transaction id, read after the look's snapshot
   * @param xmin all transactions below it had ended by then
   */
  public Future<Void> rest(long fence, long xmin) {
    return switch (state) {
      case AWAKE -> config.wakeup() == WakeupMode.POLL ? pause(pollMillis()) : linger();
      case SETTLING -> {
        armed = fence;
        watchMillis = WATCH_FIRST_MILLIS;
        to(config.wakeup() == WakeupMode.POLL ? SleepState.ASLEEP : SleepState.WATCHING);
        yield pause(watchMillis);
      }
      case WATCHING -> watch(xmin);
      case ASLEEP -> pause(asleepMillis());
    };
  }

  private Future<Void> linger() {
    if (System.nanoTime() - lastFound < config.linger().toNanos()) {
      return pause(1);
    }
    return connection
        .preparedQuery(unlock)
        .execute()
        .map(
            released -> {
              to(SleepState.SETTLING);
              return null;
            });
  }

  private Future<Void> watch(long xmin) {
    if (xmin >= armed) {
      to(SleepState.ASLEEP);
      return pause(asleepMillis());
    }
    watchMillis = Math.min(watchMillis * 2, WATCH_MOST_MILLIS);
    return pause(watchMillis);
  }

  private long asleepMillis() {
    return hears() ? config.fallbackInterval().toMillis() : pollMillis();
  }

  private boolean hears() {
    var hearing = listener;
    return hearing != null && hearing.hears();
  }

  private long pollMillis() {
    return config.pollInterval().toMillis();
  }

  private Future<Void> pause(long millis) {
    byItself = false;
    if (rung) {
      return Future.succeededFuture();
    }
    Promise<Void> pause = Promise.promise();
    resting = pause;
    restTimer =
        vertx.setTimer(
            millis,
            fired -> {
              byItself = true;
              wake();
            });
    return pause.future();
  }

  private void wake() {
    var pause = resting;
    if (pause != null) {
      resting = null;
      vertx.cancelTimer(restTimer);
      pause.complete();
    }
  }

  private void to(SleepState next) {
    LOG.trace("{} → {}", state, next);
    state = next;
  }
}

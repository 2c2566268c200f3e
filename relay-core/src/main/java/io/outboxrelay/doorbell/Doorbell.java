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
 * Lets a reader wait between its looks, and wakes it when a writer commits.
 *
 * <p>{@link LookSchedule} decides whether the reader waits for a ring or looks by itself. NOTIFY
 * takes a lock for the whole cluster at commit, so writers must not ring while the reader looks by
 * itself anyway. A reader that looks by itself is awake and holds an advisory lock; a writer that
 * finds this lock held does not ring. The reader may release the lock after a writer has tested it
 * and before this writer commits. Because such a writer does not ring, the reader falls asleep in
 * steps; see {@link SleepState}.
 *
 * <p>Use a doorbell only on the event loop and the connection of its reader.
 */
public final class Doorbell {
  private static final Logger LOG = LoggerFactory.getLogger(Doorbell.class);
  private static final long WATCH_FIRST_NANOS = 3_000_000;
  private static final long WATCH_MOST_NANOS = 100_000_000;

  /** A ring can arrive this much later than the look that finds its event. */
  private static final long RING_ARRIVES_WITHIN_MILLIS = 1000;

  private final Vertx vertx;
  private final SqlConnection connection;
  private final DoorbellConfig config;
  private final ShardMetrics metrics;
  private final LookSchedule schedule;
  private final String lock;
  private final String unlock;
  private SleepState state = SleepState.SETTLING;
  private @Nullable NotificationListener listener;
  private @Nullable Promise<Void> resting;
  private long restTimer;
  private long wakeableAt;
  private long rings;
  private long ringsBeforeLook;
  private boolean byItself;
  private boolean hasLooked;
  private boolean locking;
  private long lookedAt;
  private long armed;
  private long watchNanos;

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
    this.schedule = new LookSchedule(config, System.nanoTime());
    this.lock = "select pg_try_advisory_lock(" + names.doorbellLock(shard) + ")";
    this.unlock = "select pg_advisory_unlock(" + names.doorbellLock(shard) + ")";
  }

  /** Sets the listener that receives the rings. Without a listener, the reader polls. */
  public void listenTo(NotificationListener hearing) {
    listener = hearing;
  }

  /**
   * Lets the reader look soon: if it waits, ends the wait; if it is looking, shortens the next
   * wait.
   */
  public void ring() {
    rings++;
    if (resting != null) {
      long early = wakeableAt - System.nanoTime();
      if (early <= 0) {
        wake();
      } else {
        vertx.cancelTimer(restTimer);
        restTimer = vertx.setTimer(millis(early), fired -> wake());
      }
    }
  }

  /**
   * Records that a look begins. A ring that comes after this call may be for an event that the look
   * does not see. Such a ring shortens the wait after the look.
   */
  public void looking() {
    hasLooked = true;
    lookedAt = System.nanoTime();
    ringsBeforeLook = rings;
  }

  /** Records how long the database took to answer a look. */
  public void answeredAfter(long nanos) {
    schedule.answeredAfter(nanos);
  }

  /**
   * Records that a look and all pages of its window have been read. If a sleeping reader has found
   * events by itself, and no ring arrives soon after, counts a missed ring.
   *
   * @param transactions the number of transactions with new events, or an upper bound of it
   */
  public void found(long transactions) {
    schedule.found(transactions, System.nanoTime());
    if (transactions > 0 && byItself && state == SleepState.ASLEEP && hears()) {
      countUnlessRung(rings);
    }
    byItself = false;
  }

  private void countUnlessRung(long before) {
    vertx.setTimer(
        RING_ARRIVES_WITHIN_MILLIS,
        passed -> {
          if (rings == before) {
            metrics.bellMissed();
          }
        });
  }

  /**
   * Waits between two looks: completes when it is time for the next look. Completes at once if no
   * look has begun yet.
   *
   * @param fence the server's next transaction id, read after the last look's snapshot
   * @param xmin the transaction id below which all transactions had ended when the last look took
   *     its snapshot
   */
  public Future<Void> rest(long fence, long xmin) {
    if (!hasLooked) {
      return Future.succeededFuture();
    }
    long now = System.nanoTime();
    if (schedule.isBusy(now) || config.wakeup() == WakeupMode.POLL) {
      stayAwake();
    } else if (state == SleepState.AWAKE) {
      return fallAsleep();
    } else {
      settle(fence, xmin);
    }
    var wait = schedule.next(now, hears());
    return pause(
        wait.soonest(), isWatching() ? Math.min(watchNanos, wait.latest()) : wait.latest());
  }

  private boolean isWatching() {
    return state == SleepState.SETTLING || state == SleepState.WATCHING;
  }

  /**
   * Tries to acquire the lock, so that writers do not ring; no effect if this reader holds the lock
   * already. {@link #rest} calls this method for a reader of the table. A reader of the log must
   * call it repeatedly, because a single attempt may fail.
   */
  public void stayAwake() {
    // A second lock would need a second unlock.
    if (state == SleepState.AWAKE || locking) {
      return;
    }
    locking = true;
    connection
        .preparedQuery(lock)
        .execute()
        .onSuccess(
            rows -> {
              locking = false;
              // The result is false if a writer tests the lock at this moment; the next call tries
              // again.
              if (rows.iterator().next().getBoolean(0)) {
                to(SleepState.AWAKE);
              }
            });
  }

  private Future<Void> fallAsleep() {
    return connection
        .preparedQuery(unlock)
        .execute()
        .map(
            released -> {
              to(SleepState.SETTLING);
              return null;
            });
  }

  /**
   * Takes the next step of falling asleep. The last look began after the lock was released, so its
   * fence is above the transaction ids of all writers that found the lock held.
   */
  private void settle(long fence, long xmin) {
    switch (state) {
      case SETTLING -> {
        armed = fence;
        watchNanos = WATCH_FIRST_NANOS;
        to(SleepState.WATCHING);
      }
      case WATCHING -> {
        watchNanos = Math.min(watchNanos * 2, WATCH_MOST_NANOS);
        if (xmin >= armed) {
          to(SleepState.ASLEEP);
        }
      }
      case AWAKE, ASLEEP -> {}
    }
  }

  private boolean hears() {
    var hearing = listener;
    return hearing != null && hearing.hears();
  }

  /**
   * Waits until {@code latest}, or only until {@code soonest} if the doorbell rings; both are in
   * nanoseconds from the start of the last look.
   */
  private Future<Void> pause(long soonest, long latest) {
    boolean isRung = rings != ringsBeforeLook;
    long wait = lookedAt + (isRung ? soonest : latest) - System.nanoTime();
    if (wait <= 0) {
      return Future.succeededFuture();
    }
    wakeableAt = lookedAt + soonest;
    Promise<Void> pause = Promise.promise();
    resting = pause;
    restTimer =
        vertx.setTimer(
            millis(wait),
            fired -> {
              byItself = !isRung;
              wake();
            });
    return pause.future();
  }

  /**
   * Returns the nearest number of milliseconds, at least 1. Rounding down would shorten a wait of a
   * few milliseconds too much.
   */
  private static long millis(long nanos) {
    return Math.max(1, Math.round(nanos / 1e6));
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

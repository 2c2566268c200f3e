package io.outboxrelay.outbox;

import io.outboxrelay.database.DatabaseException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes the outbox in transactions that wait for a lock for {@link #LOCK_TIMEOUT} at most.
 *
 * <p>While a change of the table waits for another transaction, all later inserts wait behind the
 * change. An attempt that does not get its locks in time therefore ends, so that the inserts
 * proceed, and is repeated.
 */
final class ShortLocks {
  /**
   * The longest time for which one attempt waits for a lock, and for which an insert may wait
   * behind it.
   */
  private static final Duration LOCK_TIMEOUT = Duration.ofMillis(200);

  private static final Duration AGAIN_AFTER = Duration.ofMillis(500);

  private static final Logger LOG = LoggerFactory.getLogger(ShortLocks.class);

  private final Vertx vertx;
  private final PgConnection connection;
  private final OutboxNames names;
  private final long deadline;
  private final String remains;
  private boolean told;

  /**
   * @param within for how long a change is tried again
   * @param remains a sentence about what was changed, for the message of a failure
   */
  ShortLocks(
      Vertx vertx, PgConnection connection, OutboxNames names, Duration within, String remains) {
    this.vertx = vertx;
    this.connection = connection;
    this.names = names;
    this.remains = remains;
    this.deadline = System.nanoTime() + within.toNanos();
  }

  /** Returns a sentence, for the message of a failure, about what was changed before. */
  String remains() {
    return remains;
  }

  /** Executes {@code change} in a transaction, until it gets its locks. */
  <T> Future<T> change(Supplier<Future<T>> change) {
    return connection
        .begin()
        .compose(
            transaction ->
                connection
                    .query("set local lock_timeout = " + LOCK_TIMEOUT.toMillis())
                    .execute()
                    .compose(set -> change.get())
                    .compose(
                        result -> transaction.commit().map(result),
                        failure ->
                            transaction
                                .rollback()
                                .transform(over -> Future.<T>failedFuture(failure))))
        .recover(failure -> isLockTimeout(failure) ? again(change) : Future.failedFuture(failure));
  }

  private <T> Future<T> again(Supplier<Future<T>> change) {
    return LockHolders.describe(connection, names)
        .compose(
            holders -> {
              if (System.nanoTime() > deadline) {
                return Future.failedFuture(
                    DatabaseException.refused(
                        "the outbox could not be changed, because %s holds a lock on it"
                                .formatted(holders)
                            + ". "
                            + remains
                            + ". Run the command again when that transaction"
                            + " has ended; select pg_terminate_backend(PID) ends it. Each attempt"
                            + " blocked inserts for at most 200 ms"));
              }
              if (!told) {
                told = true;
                LOG.warn(
                    "the outbox is not changed yet, because {} holds a lock on it; trying again."
                        + " Each attempt blocks inserts for at most 200 ms",
                    holders);
              }
              Promise<Void> rested = Promise.promise();
              vertx.setTimer(AGAIN_AFTER.toMillis(), due -> rested.complete());
              return rested.future().compose(due -> change(change));
            });
  }

  static boolean isLockTimeout(Throwable failure) {
    return failure instanceof PgException server && "55P03".equals(server.getSqlState());
  }
}

package io.outboxrelay.redelivery;

import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.database.Database;
import io.outboxrelay.deadletter.DeadLetterClaims;
import io.outboxrelay.dispatch.RedeliveryPublisher;
import io.outboxrelay.dispatch.TermEndedException;
import io.outboxrelay.lifecycle.NotifiedPoller;
import io.outboxrelay.lifecycle.Service;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.outbox.ShardKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Redelivers dead letters on request.
 *
 * <p>A request is a mark in the table and a notification; the worker also looks at intervals,
 * because a notification may be missed. Redeliveries use a separate connection, which is open only
 * while there is work. A long query, or a row that an operator has locked, therefore holds up
 * neither the writing of new dead letters nor the checkpoint.
 *
 * <p>Runs on one event loop, for one term.
 */
public final class RedeliveryWorker extends Service {
  private static final Logger LOG = LoggerFactory.getLogger(RedeliveryWorker.class);
  private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(1);
  private static final String ENDED = "the term has ended";

  private final Vertx vertx;
  private final RedeliveryTable table;
  private final RedeliveryPublisher publisher;
  private final Scope scope;
  private final BooleanSupplier isHeld;
  private final NotifiedPoller poller;
  private final Promise<Void> idle = Promise.promise();
  private final UnderWay underWay = new UnderWay();
  private Search search;
  private String complaint = "";

  /**
   * The shard to redeliver and the bounds of the work.
   *
   * @param share the shard with the dead letters
   * @param owner the epoch under which dead letters are claimed
   * @param maxEventBytes the highest number of bytes of an event's payload, and also of its headers
   * @param destinations the circuit breakers and pauses. Dead letters wait if the breaker of their
   *     destination is open or their destination is paused
   */
  public record Scope(
      OutboxNames names,
      ShardKey share,
      OwnerEpoch owner,
      RedeliverySchedule schedule,
      long maxEventBytes,
      DestinationGate destinations) {}

  /**
   * The progress of the search for aggregates that an earlier term has left behind; see {@link
   * ForgottenAggregates}.
   */
  private enum Search {
    TO_DO,
    UNDER_WAY,
    DONE
  }

  /**
   * Creates a worker that does nothing until it is started.
   *
   * @param control the connection on which the worker looks for work; the redeliveries use another
   *     connection
   * @param anyParked true if there are dead letters that an earlier term may have left behind
   * @param isHeld returns true while no redelivery may begin. When its result changes to false, the
   *     caller must call {@link #look}
   */
  public RedeliveryWorker(
      Database database,
      SqlClient control,
      RedeliveryPublisher publisher,
      Scope scope,
      boolean anyParked,
      BooleanSupplier isHeld) {
    this(
        database.vertx(),
        new SqlRedeliveryTable(database, control, scope),
        publisher,
        scope,
        anyParked,
        isHeld);
  }

  RedeliveryWorker(
      Vertx vertx,
      RedeliveryTable table,
      RedeliveryPublisher publisher,
      Scope scope,
      boolean anyParked,
      BooleanSupplier isHeld) {
    this.vertx = vertx;
    this.table = table;
    this.publisher = publisher;
    this.scope = scope;
    this.search = anyParked ? Search.TO_DO : Search.DONE;
    this.isHeld = isHeld;
    this.poller = new NotifiedPoller(vertx, this::lookOnce, this::failed);
  }

  /** Looks for requested redeliveries at once, and from then on at every interval. */
  @Override
  protected Future<Void> startNow() {
    poller.look();
    return Future.succeededFuture();
  }

  /** Looks for requested redeliveries now and runs them. */
  public void look() {
    if (isRunning()) {
      poller.look();
    }
  }

  /**
   * Tells the redeliveries under way to end soon. Claimed dead letters that are not sent stay
   * marked.
   */
  public void interrupt() {
    publisher.stopRedeliveries();
  }

  /**
   * Begins no further redelivery; completes when the redeliveries under way have ended, or after
   * {@code bound}. Dead letters that were not redelivered stay marked for the next owner of the
   * shard. The drain does not wait for a pending query, because the database may never answer it.
   * No redelivery begins with the result of such a query.
   */
  @Override
  protected Future<Void> drainNow(Duration bound) {
    poller.stop();
    publisher.stopRedeliveries();
    becomeIdle();
    return idle.future()
        .timeout(Math.max(1, bound.toMillis()), TimeUnit.MILLISECONDS)
        .otherwiseEmpty();
  }

  private void becomeIdle() {
    if (!isRunning() && underWay.isEmpty()) {
      idle.tryComplete();
    }
  }

  @Override
  protected Future<Void> stopNow() {
    poller.stop();
    return table.close();
  }

  private boolean mayBegin() {
    return isRunning() && !isHeld.getAsBoolean();
  }

  private Future<Duration> lookOnce() {
    if (!mayBegin()) {
      return Future.succeededFuture(NotifiedPoller.WHEN_NOTIFIED);
    }
    findForgotten();
    return round().map(this::pauseAfter);
  }

  private Duration pauseAfter(boolean more) {
    complaint = "";
    if (!mayBegin()) {
      if (isAtRest()) {
        table.release();
      }
      return NotifiedPoller.WHEN_NOTIFIED;
    }
    return more
        ? Duration.ZERO
        : Duration.ofMillis(
            scope.destinations.breakers().millisToNextTry(scope.schedule.pauseMillis()));
  }

  /** Looks for work once and does it. Completes with true if there may be more work now. */
  private Future<Boolean> round() {
    Future<Void> asked =
        scope.schedule.retries() ? table.requestRetries() : Future.succeededFuture();
    return asked
        .compose(done -> table.isAnyPending())
        .compose(
            any ->
                any || !underWay.interrupted().isEmpty()
                    ? work()
                    : isAtRest() ? table.release().map(false) : Future.succeededFuture(false));
  }

  private Future<Boolean> work() {
    return table
        .find()
        .compose(
            work -> work.isEmpty() && underWay.interrupted().isEmpty() ? sweep(work) : begin(work));
  }

  /**
   * Searches once in a term for aggregates that an earlier term has left behind. The search runs in
   * parallel to all other work, because it takes minutes if millions of events are parked.
   */
  private void findForgotten() {
    if (search != Search.TO_DO) {
      return;
    }
    search = Search.UNDER_WAY;
    table
        .requestForgotten()
        .onComplete(
            found -> {
              search = Search.DONE;
              look();
            },
            failure -> {
              LOG.debug("the search for forgotten aggregates begins again", failure);
              search = Search.TO_DO;
            });
  }

  /** Returns true if nothing uses the worker's connection. */
  private boolean isAtRest() {
    return underWay.isEmpty() && search != Search.UNDER_WAY;
  }

  /**
   * Deletes redelivered rows. This is done in every round, because later queries would have to skip
   * these rows.
   */
  private Future<Boolean> sweep(PendingRedeliveries work) {
    return work.hasSettled() ? table.sweep() : Future.succeededFuture(false);
  }

  private Future<Boolean> begin(PendingRedeliveries work) {
    return !isRunning()
        ? Future.succeededFuture(false)
        : table
            .claims()
            .compose(claims -> publish(batch(claims), work))
            .compose(done -> sweep(work))
            .map(swept -> true);
  }

  private RedeliveryBatch batch(DeadLetterClaims claims) {
    return new RedeliveryBatch(
        vertx, publisher, claims, () -> !mayBegin(), underWay, this::lateOneEnded);
  }

  private void lateOneEnded() {
    becomeIdle();
    look();
  }

  private Future<Void> publish(RedeliveryBatch batch, PendingRedeliveries work) {
    if (!isRunning()) {
      return Future.failedFuture(ENDED);
    }
    return batch.run(work).onComplete(over -> becomeIdle());
  }

  private Duration failed(Throwable failure) {
    if (!(failure instanceof TermEndedException)) {
      complain(String.valueOf(failure.getMessage()));
    }
    // Redeliveries under way need this connection to record which dead letters were sent.
    if (isAtRest() || !(failure instanceof PgException)) {
      table.release();
    }
    return AFTER_A_FAILURE;
  }

  /**
   * Logs the reason of a failure. A repeated reason is logged at debug level, because a warning
   * each second would fill the log.
   */
  private void complain(String reason) {
    if (reason.equals(complaint)) {
      LOG.debug("still: {}", reason);
    } else {
      complaint = reason;
      LOG.warn(
          "dead letters with a requested redelivery are not yet published; trying again: {}",
          reason);
    }
  }
}

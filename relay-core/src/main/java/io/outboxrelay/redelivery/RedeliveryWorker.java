package io.outboxrelay.redelivery;

import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.database.Database;
import io.outboxrelay.deadletter.SqlDeadLetterClaims;
import io.outboxrelay.dispatch.Partitions;
import io.outboxrelay.dispatch.TermEndedException;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.OwnerEpoch;
import io.outboxrelay.outbox.ShardKey;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Redelivers dead letters on request.
 *
 * <p>A request is a mark in the table and a notification; the worker also looks at intervals,
 * because a notification may be missed. The work uses a connection of its own, open only while
 * there is work, so that an operator's lock or a long query holds up neither new dead letters nor
 * the checkpoint.
 *
 * <p>Lives on one event loop, for one term.
 */
public final class RedeliveryWorker {
  private static final Logger LOG = LoggerFactory.getLogger(RedeliveryWorker.class);
  private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(1);
  private static final String ENDED = "the term has ended";

  private final Vertx vertx;
  private final Database database;
  private final SqlClient control;
  private final Partitions partitions;
  private final Scope scope;
  private final Promise<Void> idle = Promise.promise();
  private @Nullable PgConnection connection;
  private @Nullable Future<PgConnection> connecting;
  private long timer = -1;
  private boolean looking;
  private boolean publishing;
  private boolean rung;
  private boolean paused;
  private boolean stopped;
  private final UnderWay underWay = new UnderWay();
  private Search search;
  private String complaint = "";

  /**
   * The shard to redeliver and the bounds of the work.
   *
   * @param share the shard with the dead letters
   * @param owner the epoch under which dead letters are claimed
   * @param interval between two looks
   * @param retryAfter time after a rejection until redelivery is requested automatically; zero for
   *     never
   * @param patience how long the database may take to answer
   * @param maxEventBytes most bytes of a payload, and of the headers
   * @param destinations the circuit breakers and pauses; dead letters of destinations with an open
   *     breaker, or paused ones, wait
   */
  public record Scope(
      OutboxNames names,
      ShardKey share,
      OwnerEpoch owner,
      Duration interval,
      Duration retryAfter,
      Duration patience,
      long maxEventBytes,
      DestinationGate destinations) {
    boolean retries() {
      return !retryAfter.isZero();
    }

    long pauseMillis() {
      long millis =
          retries() ? Math.min(interval.toMillis(), retryAfter.toMillis()) : interval.toMillis();
      return Math.max(1, millis);
    }
  }

  /** The progress of the search for aggregates that an earlier term has left behind. */
  private enum Search {
    TO_DO,
    UNDER_WAY,
    DONE
  }

  /**
   * Creates a worker that is idle until {@link #look}.
   *
   * @param control the connection for looking; redelivery itself uses another one
   * @param anyParked true if there are dead letters that an earlier term may have left behind
   */
  public RedeliveryWorker(
      Vertx vertx,
      Database database,
      SqlClient control,
      Partitions partitions,
      Scope scope,
      boolean anyParked) {
    this.search = anyParked ? Search.TO_DO : Search.DONE;
    this.vertx = vertx;
    this.database = database;
    this.control = control;
    this.partitions = partitions;
    this.scope = scope;
  }

  /** Looks for requested redeliveries now and runs them; from then on looks at every interval. */
  public void look() {
    if (looking) {
      rung = true;
      return;
    }
    vertx.cancelTimer(timer);
    if (!stopped && !paused) {
      looking = true;
      rung = false;
      findForgotten();
      round().onComplete(this::lookAgain, this::failed);
    }
  }

  /** Begins no redelivery, and ends those under way soon, until {@link #resume}. */
  public void pause() {
    if (!paused) {
      paused = true;
      partitions.stopReplays();
    }
  }

  /** Continues after {@link #pause}. */
  public void resume() {
    if (paused) {
      paused = false;
      look();
    }
  }

  /**
   * Begins no further redelivery; completes when those under way have ended, or after {@code
   * bound}. Dead letters that were not redelivered stay marked for the next owner. A query under
   * way is not waited for, because the database may never answer it; nothing begins with its
   * result.
   */
  public Future<Void> drain(Duration bound) {
    stopped = true;
    vertx.cancelTimer(timer);
    partitions.stopReplays();
    becomeIdle();
    return idle.future()
        .timeout(Math.max(1, bound.toMillis()), TimeUnit.MILLISECONDS)
        .otherwiseEmpty();
  }

  private void becomeIdle() {
    if (stopped && !publishing && underWay.isEmpty()) {
      idle.tryComplete();
    }
  }

  /** Stops at once; completes when the connection is closed. */
  public Future<Void> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    return disconnect();
  }

  /** Completes with true if there may be more to do right now. */
  private Future<Boolean> round() {
    Future<Void> asked =
        scope.retries()
            ? PendingRedeliveries.ask(control, scope.names, scope.share, scope.retryAfter)
            : Future.succeededFuture();
    return asked
        .compose(done -> PendingRedeliveries.isAny(control, scope.names))
        .compose(
            any ->
                any || !underWay.interrupted().isEmpty()
                    ? work()
                    : isAtRest() ? disconnect().map(false) : Future.succeededFuture(false));
  }

  /**
   * Uses a connection of its own, because the query may take long and new dead letters are written
   * on the other one.
   */
  private Future<Boolean> work() {
    return connected()
        .compose(
            opened ->
                PendingRedeliveries.find(
                    opened, scope.names, scope.share, scope.destinations.filter()))
        .compose(
            work -> work.isEmpty() && underWay.interrupted().isEmpty() ? sweep(work) : begin(work));
  }

  /**
   * Searches once in a term for aggregates that an earlier term has left behind. Runs in parallel
   * to all other work, because it takes minutes if millions of events are parked.
   */
  private void findForgotten() {
    if (search != Search.TO_DO) {
      return;
    }
    search = Search.UNDER_WAY;
    connected()
        .compose(
            opened -> new ForgottenAggregates(opened, scope.names, scope.share, scope.owner).find())
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

  /** Deletes redelivered rows in every round, because later queries would have to skip them. */
  private Future<Boolean> sweep(PendingRedeliveries work) {
    return work.hasSettled()
        ? connected().compose(opened -> PendingRedeliveries.sweep(opened, scope.names, scope.share))
        : Future.succeededFuture(false);
  }

  private Future<Boolean> begin(PendingRedeliveries work) {
    return stopped
        ? Future.succeededFuture(false)
        : connected()
            .compose(
                opened ->
                    OutboxTable.payloadType(opened, scope.names)
                        .map(
                            payload ->
                                new SqlDeadLetterClaims(
                                    opened,
                                    scope.names,
                                    scope.owner,
                                    EventColumns.of(opened, payload, scope.maxEventBytes),
                                    scope.patience)))
            .compose(claims -> publish(round(claims, work)))
            .compose(done -> sweep(work))
            .map(swept -> true);
  }

  private RedeliveryBatch round(SqlDeadLetterClaims claims, PendingRedeliveries work) {
    return new RedeliveryBatch(
        vertx, partitions, claims, work, () -> stopped || paused, underWay, this::lateOneEnded);
  }

  private void lateOneEnded() {
    becomeIdle();
    look();
  }

  private Future<Void> publish(RedeliveryBatch round) {
    if (stopped) {
      return Future.failedFuture(ENDED);
    }
    publishing = true;
    return round
        .run()
        .onComplete(
            over -> {
              publishing = false;
              becomeIdle();
            });
  }

  /** Opens at most one connection, also for several callers at once. */
  private Future<PgConnection> connected() {
    var opening = connecting;
    if (opening == null) {
      opening = connect().onComplete(over -> connecting = null);
      // It may have completed already.
      connecting = opening.isComplete() ? null : opening;
    }
    return opening;
  }

  private Future<PgConnection> connect() {
    var open = connection;
    return open != null
        ? Future.succeededFuture(open)
        : database
            .connect()
            .compose(opened -> opened.query(SqlDeadLetterClaims.PLAN).execute().map(opened))
            .compose(this::keep);
  }

  private Future<PgConnection> keep(PgConnection opened) {
    if (stopped) {
      return database.close(opened).compose(closed -> Future.failedFuture(ENDED));
    }
    connection = opened;
    opened.closeHandler(gone -> forget(opened));
    return Future.succeededFuture(opened);
  }

  private void forget(PgConnection gone) {
    if (connection == gone) {
      connection = null;
    }
  }

  private Future<Void> disconnect() {
    var open = connection;
    connection = null;
    return open == null ? Future.succeededFuture() : database.close(open);
  }

  private void lookAgain(boolean more) {
    looking = false;
    if (stopped) {
      return;
    }
    complaint = "";
    if (paused) {
      if (isAtRest()) {
        disconnect();
      }
    } else if (more || rung) {
      // Scheduled and not called, so that the chain of futures cannot grow for ever.
      again(1);
    } else {
      again(scope.destinations.breakers().millisToNextTry(scope.pauseMillis()));
    }
  }

  private void failed(Throwable failure) {
    looking = false;
    if (stopped) {
      return;
    }
    if (!(failure instanceof TermEndedException)) {
      complain(String.valueOf(failure.getMessage()));
    }
    // Redeliveries under way need this connection: without it, they could not note what was sent.
    if (isAtRest() || !(failure instanceof PgException)) {
      disconnect();
    }
    again(AFTER_A_FAILURE.toMillis());
  }

  /**
   * Logs a repeated reason at debug level only, because one line each second would fill the log.
   */
  private void complain(String reason) {
    if (reason.equals(complaint)) {
      LOG.debug("still: {}", reason);
    } else {
      complaint = reason;
      LOG.warn("dead letters that were asked for are not yet published; trying again: {}", reason);
    }
  }

  private void again(long millis) {
    timer = vertx.setTimer(millis, due -> look());
  }
}

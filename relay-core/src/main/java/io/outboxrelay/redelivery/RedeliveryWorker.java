package io.outboxrelay.redelivery;

import io.outboxrelay.database.Database;
import io.outboxrelay.deadletter.SqlDeadLetterClaims;
import io.outboxrelay.dispatch.DestinationBreakers;
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
 * Brings back dead letters that somebody asked for.
 *
 * <p>Whoever asks leaves a mark in the table and rings; a ring that is missed is made up for by
 * looking every now and then. The work is found and done on a connection of its own, which is open
 * only while there is some: an operator's lock or a long look must hold up neither burials nor the
 * checkpoint.
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
   * What to look at, and when.
   *
   * @param share whose dead letters
   * @param owner in whose name they are taken
   * @param interval between two looks
   * @param retryAfter how long after a rejection to ask by itself; zero for never
   * @param patience how long the database may leave a question unanswered
   * @param maxEventBytes of a payload, and of headers
   * @param destinations of which letters are to be left alone for now
   */
  public record Scope(
      OutboxNames names,
      ShardKey share,
      OwnerEpoch owner,
      Duration interval,
      Duration retryAfter,
      Duration patience,
      long maxEventBytes,
      DestinationBreakers destinations) {
    boolean retries() {
      return !retryAfter.isZero();
    }

    long pauseMillis() {
      long millis =
          retries() ? Math.min(interval.toMillis(), retryAfter.toMillis()) : interval.toMillis();
      return Math.max(1, millis);
    }
  }

  /** How far the search for what an earlier term has left is. */
  private enum Search {
    TO_DO,
    UNDER_WAY,
    DONE
  }

  /**
   * Idle until {@link #look}.
   *
   * @param control a connection to look on; the work is done on another one
   * @param anyParked whether there are dead letters that an earlier term may have left
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

  /** Looks now for something to do, and does it; from then on at every interval. */
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

  /** Begins nothing more, and ends soon what was begun, until {@link #resume}. */
  public void pause() {
    if (!paused) {
      paused = true;
      partitions.stopReplays();
    }
  }

  /** Goes on. */
  public void resume() {
    if (paused) {
      paused = false;
      look();
    }
  }

  /**
   * Begins nothing more; completes when what was begun is over. What is not, or not within {@code
   * bound}, remains marked, and the next owner goes on with it. A look under way begins nothing any
   * more, and is not waited for: the database may never answer.
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

  /** Lets go of everything at once. */
  public Future<Void> stop() {
    stopped = true;
    vertx.cancelTimer(timer);
    return disconnect();
  }

  /** Completes with whether there may be more to do right now. */
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

  /** On a connection of its own, as a look may take long, and burials use the other one. */
  private Future<Boolean> work() {
    return connected()
        .compose(
            opened ->
                PendingRedeliveries.find(
                    opened, scope.names, scope.share, scope.destinations.barriers()))
        .compose(
            work -> work.isEmpty() && underWay.interrupted().isEmpty() ? sweep(work) : begin(work));
  }

  /**
   * Once in a term, as one that ended in the middle of something may have left such; beside all
   * else, as it takes minutes where millions are parked.
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

  /** Nothing uses its connection. */
  private boolean isAtRest() {
    return underWay.isEmpty() && search != Search.UNDER_WAY;
  }

  /** In every round, or the looks would wade through what the rounds before have left. */
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

  /** One at a time, whoever asks. */
  private Future<PgConnection> connected() {
    var opening = connecting;
    if (opening == null) {
      opening = connect().onComplete(over -> connecting = null);
      // It may be over by now.
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
      // Not called but scheduled, so that rounds are no chain that grows.
      again(1);
    } else {
      again(scope.destinations.millisToNextTry(scope.pauseMillis()));
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
    // What is under way has its connection: without it, what was sent could not be noted.
    if (isAtRest() || !(failure instanceof PgException)) {
      disconnect();
    }
    again(AFTER_A_FAILURE.toMillis());
  }

  /** The same sentence each second would fill the log. */
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

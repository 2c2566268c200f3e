package io.outboxrelay.replay;

import io.outboxrelay.database.Database;
import io.outboxrelay.deadletter.TableClaims;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.outbox.Share;
import io.outboxrelay.partition.Destinations;
import io.outboxrelay.partition.Partitions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
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
 * looking every now and then. The work is done on a connection of its own, which is open only
 * meanwhile: an operator's lock or a long look must hold up neither burials nor the checkpoint.
 *
 * <p>Lives on one event loop, for one term.
 */
public final class Replayer {
  private static final Logger LOG = LoggerFactory.getLogger(Replayer.class);
  private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(1);
  private static final String ENDED = "the term has ended";

  private final Vertx vertx;
  private final Database database;
  private final SqlClient control;
  private final Partitions partitions;
  private final Scope scope;
  private final Promise<Void> idle = Promise.promise();
  private @Nullable PgConnection connection;
  private long timer = -1;
  private boolean looking;
  private boolean publishing;
  private boolean rung;
  private boolean paused;
  private boolean stopped;

  /**
   * What to look at, and when.
   *
   * @param share whose dead letters
   * @param interval between two looks
   * @param retryAfter how long after a rejection to ask by itself; zero for never
   * @param patience how long the database may leave a question unanswered
   * @param destinations of which letters are to be left alone for now
   */
  public record Scope(
      OutboxNames names,
      Share share,
      Duration interval,
      Duration retryAfter,
      Duration patience,
      Destinations destinations) {
    boolean retries() {
      return !retryAfter.isZero();
    }

    long pauseMillis() {
      long millis =
          retries() ? Math.min(interval.toMillis(), retryAfter.toMillis()) : interval.toMillis();
      return Math.max(1, millis);
    }
  }

  /**
   * Idle until {@link #look}.
   *
   * @param control a connection to look on; the work is done on another one
   */
  public Replayer(
      Vertx vertx, Database database, SqlClient control, Partitions partitions, Scope scope) {
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
    if (!publishing) {
      idle.tryComplete();
    }
    return idle.future()
        .timeout(Math.max(1, bound.toMillis()), TimeUnit.MILLISECONDS)
        .otherwiseEmpty();
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
            ? Work.ask(control, scope.names, scope.share, scope.retryAfter)
            : Future.succeededFuture();
    return asked
        .compose(
            done -> Work.find(looking(), scope.names, scope.share, scope.destinations.barriers()))
        .compose(work -> work.isEmpty() ? rest(work) : begin(work));
  }

  private Future<Boolean> rest(Work work) {
    return sweep(work)
        .compose(more -> more ? Future.succeededFuture(true) : disconnect().map(false));
  }

  /** In every round, or the looks would wade through what the rounds before have left. */
  private Future<Boolean> sweep(Work work) {
    return work.hasSettled()
        ? Work.sweep(looking(), scope.names, scope.share)
        : Future.succeededFuture(false);
  }

  private Future<Boolean> begin(Work work) {
    return stopped
        ? Future.succeededFuture(false)
        : connected()
            .compose(
                opened ->
                    OutboxTable.payloadType(opened, scope.names)
                        .map(
                            payload ->
                                new TableClaims(opened, scope.names, payload, scope.patience)))
            .compose(
                claims -> publish(new Round(partitions, claims, work, () -> stopped || paused)))
            .compose(done -> sweep(work))
            .map(swept -> true);
  }

  private Future<Void> publish(Round round) {
    if (stopped) {
      return Future.failedFuture(ENDED);
    }
    publishing = true;
    return round
        .run()
        .onComplete(
            over -> {
              publishing = false;
              if (stopped) {
                idle.tryComplete();
              }
            });
  }

  private Future<PgConnection> connected() {
    var open = connection;
    return open != null
        ? Future.succeededFuture(open)
        : database
            .connect()
            .compose(opened -> opened.query(TableClaims.PLAN).execute().map(opened))
            .compose(this::keep);
  }

  /** Where there is work already, the connection that is made for it. */
  private SqlClient looking() {
    var open = connection;
    return open == null ? control : open;
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
    if (paused) {
      disconnect();
    } else if (more || rung) {
      // Not called but scheduled, so that rounds are no chain that grows.
      again(1);
    } else {
      again(scope.destinations.millisToNextTry(scope.pauseMillis()));
    }
  }

  private void failed(Throwable failure) {
    looking = false;
    if (!stopped) {
      LOG.warn(
          "dead letters that were asked for are not yet published; trying again: {}",
          failure.getMessage());
      disconnect();
      again(AFTER_A_FAILURE.toMillis());
    }
  }

  private void again(long millis) {
    timer = vertx.setTimer(millis, due -> look());
  }
}

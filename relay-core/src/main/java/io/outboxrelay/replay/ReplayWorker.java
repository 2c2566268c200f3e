package io.outboxrelay.replay;

import io.outboxrelay.database.Database;
import io.outboxrelay.lifecycle.NotifiedPoller;
import io.outboxrelay.lifecycle.Service;
import io.outboxrelay.metrics.ReplayMetrics;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.window.TableSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the requested replays, one after the other, while the relay continues to publish new
 * events. Each replay uses a separate database connection and a separate publisher, which are open
 * only during the replay.
 *
 * <p>The owner of shard 0 runs this worker, for the events of all shards. A command inserts a
 * request into the table and sends a notification. If the notification is missed, the worker finds
 * the request, because it looks at the table at intervals.
 *
 * <p>Runs on one event loop, for one term.
 */
public final class ReplayWorker extends Service {
  private static final Logger LOG = LoggerFactory.getLogger(ReplayWorker.class);
  private static final Duration AFTER_A_FAILURE = Duration.ofSeconds(1);

  /** How long the worker waits for events in flight after a replay was cancelled. */
  private static final Duration CANCELLED_WITHIN = Duration.ofSeconds(2);

  /**
   * How often a replay may be started without progress. If relays end more often than this during
   * the replay, the likely cause is one of the replay's next events, so the replay fails.
   */
  private static final int MOST_STARTS = 5;

  private final Database database;
  private final Vertx vertx;
  private final SqlClient control;
  private final Scope scope;
  private final ReplayProgressStore progress;
  private final NotifiedPoller poller;
  private final Promise<Void> idle = Promise.promise();
  private @Nullable ReplayRun run;
  private long takenUp = -1;

  /**
   * The resources and limits of the worker.
   *
   * @param metrics counts the published events
   */
  public record Scope(
      OutboxNames names,
      Broker broker,
      ReplayGate gate,
      ReplayLimits limits,
      ReplayMetrics metrics) {}

  /**
   * Creates the worker; it does nothing until it is started.
   *
   * @param control the connection on which the worker looks at the table of requests
   * @param owner the name to store as the relay that carries out the replays
   * @param epoch the epoch of shard 0
   */
  public ReplayWorker(Database database, SqlClient control, Scope scope, String owner, long epoch) {
    this.database = database;
    this.vertx = database.vertx();
    this.control = control;
    this.scope = scope;
    this.poller = new NotifiedPoller(vertx, this::lookOnce, this::failed);
    this.progress = new ReplayProgressStore(scope.names(), owner, epoch, scope.limits().patience());
  }

  /** Looks for requested replays at once, and from then on at every interval. */
  @Override
  protected Future<Void> startNow() {
    poller.look();
    return Future.succeededFuture();
  }

  /** Looks for requested or cancelled replays now. */
  public void look() {
    if (isRunning()) {
      poller.look();
    }
  }

  private Future<Duration> lookOnce() {
    if (!scope.gate().mayBegin()) {
      return Future.succeededFuture(NotifiedPoller.WHEN_NOTIFIED);
    }
    var current = run;
    return progress
        .open(control)
        .onSuccess(this::count)
        .compose(open -> current == null ? begin(open) : recheck(current, open))
        .map(done -> scope.limits().interval());
  }

  /**
   * Starts no further replay or batch. Completes when the batch in flight is confirmed and its
   * result is stored, or after {@code bound}. The next owner continues the replay from the stored
   * position.
   */
  @Override
  protected Future<Void> drainNow(Duration bound) {
    return end(ReplayRun::stop)
        .timeout(Math.max(1, bound.toMillis()), TimeUnit.MILLISECONDS)
        .otherwiseEmpty();
  }

  /** Ends the running replay at once; completes when no event of it is in flight. */
  @Override
  protected Future<Void> stopNow() {
    return end(ReplayRun::abandon);
  }

  /**
   * Ends the run, if there is one, and completes when it has ended. Does not wait for a look in
   * progress, because this look starts no run any more.
   */
  private Future<Void> end(Consumer<ReplayRun> how) {
    poller.stop();
    scope.metrics().ends();
    var current = run;
    if (current == null) {
      idle.tryComplete();
    } else {
      how.accept(current);
    }
    return idle.future();
  }

  private void count(List<Long> open) {
    if (isRunning()) {
      scope.metrics().counted(open.size());
    }
  }

  /**
   * Stops the current run if its replay was cancelled. The run itself would notice the cancellation
   * only when it stores progress, and it stores none while it waits for the broker.
   */
  private Future<Void> recheck(ReplayRun current, List<Long> open) {
    if (!open.contains(current.id())) {
      current.stop();
      vertx.setTimer(CANCELLED_WITHIN.toMillis(), late -> current.abandon());
    }
    return Future.succeededFuture();
  }

  private Future<Void> begin(List<Long> open) {
    return open.isEmpty() || !isRunning()
        ? Future.succeededFuture()
        : database.connect().compose(connection -> begin(connection, open.get(0)));
  }

  private Future<Void> begin(PgConnection connection, long id) {
    return connection
        .query(TableSource.PLAN)
        .execute()
        .compose(planned -> progress.takeUp(connection, id, id != takenUp))
        .compose(
            taken ->
                taken.isEmpty() || !isRunning()
                    ? database.close(connection)
                    : begin(connection, taken.get()),
            failure ->
                database.close(connection).transform(closed -> Future.failedFuture(failure)));
  }

  private Future<Void> begin(PgConnection connection, Replay replay) {
    takenUp = replay.id();
    if (replay.execution().starts() > MOST_STARTS) {
      return giveUp(connection, replay);
    }
    var session =
        new SqlReplaySession(database, connection, scope.names(), scope.limits(), progress, replay);
    var next = new ReplayRun(vertx, System::nanoTime, scope, session, replay);
    run = next;
    next.over().onComplete(this::ended, this::interrupted);
    next.start();
    return Future.succeededFuture();
  }

  private Future<Void> giveUp(PgConnection connection, Replay replay) {
    String reason =
        ("relays ended %d times in a row while the events after event %d were in flight, so the"
                + " replay is given up")
            .formatted(MOST_STARTS, replay.progress().position());
    LOG.warn("replay {} has failed: {}", replay.id(), reason);
    poller.look();
    return progress
        .end(connection, replay.id(), ReplayState.FAILED, reason)
        .onSuccess(this::noteFailed)
        .eventually(() -> database.close(connection))
        .mapEmpty();
  }

  private void noteFailed(boolean wasOurs) {
    if (wasOurs) {
      scope.metrics().failed();
      scope.metrics().advanced();
    }
  }

  private void ended(@Nullable Void over) {
    run = null;
    scope.metrics().advanced();
    if (isRunning()) {
      poller.look();
    } else {
      idle.tryComplete();
    }
  }

  private void interrupted(Throwable failure) {
    run = null;
    if (isRunning()) {
      LOG.warn("a replay was interrupted and continues soon: {}", failure.getMessage());
      poller.lookAfter(AFTER_A_FAILURE);
    } else {
      idle.tryComplete();
    }
  }

  private Duration failed(Throwable failure) {
    LOG.warn("replays cannot be looked for; trying again: {}", failure.getMessage());
    return AFTER_A_FAILURE;
  }
}

package io.outboxrelay.history;

import io.outboxrelay.deadletter.Buried;
import io.outboxrelay.deadletter.DeadLetters;
import io.outboxrelay.deadletter.OnRejected;
import io.outboxrelay.deadletter.Rejections;
import io.outboxrelay.deadletter.Setback;
import io.outboxrelay.outbox.EventColumns;
import io.outboxrelay.outbox.OutboxTable;
import io.outboxrelay.partition.Destinations;
import io.outboxrelay.partition.HaltException;
import io.outboxrelay.partition.Sideline;
import io.outboxrelay.partition.Term;
import io.outboxrelay.publish.Broker;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnection;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replay while this relay carries it out: passage by passage, each confirmed and noted before
 * the next one is read.
 *
 * <p>It publishes as live events are published: order per aggregate is kept, and an outage is
 * waited out. An event that the broker refuses is counted and left behind; it parks nothing.
 *
 * <p>Lives on one event loop.
 */
final class Run {
  private static final Logger LOG = LoggerFactory.getLogger(Run.class);

  /** How many must be refused, and none taken, before it is given up. */
  private static final int REFUSED_ALL = 100;

  /** How many are sent at a time as long as none was taken: nothing may be, and refusing costs. */
  private static final int AT_FIRST = 25;

  private static final Duration WHILE_BUSY = Duration.ofMillis(100);

  /** No destination is ever closed to a replay: it waits, and takes nothing out of the stream. */
  private static final Duration FOR_EVER = Duration.ofDays(365);

  private final Vertx vertx;
  private final Context context;
  private final Runner.Scope scope;
  private final PgConnection connection;
  private final Progress progress;
  private final Pacing pacing;
  private final Promise<Void> over = Promise.promise();
  private Replay replay;
  private @Nullable PassageQuery query;
  private @Nullable Sideline sideline;
  private boolean underWay;
  private boolean stopping;
  private boolean closing;
  private long timer = -1;

  /**
   * @param connection its own, until it is over
   * @param replay as it was taken up
   */
  Run(Vertx vertx, Runner.Scope scope, PgConnection connection, Progress progress, Replay replay) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.scope = scope;
    this.connection = connection;
    this.progress = progress;
    this.replay = replay;
    this.pacing = new Pacing(replay.ratePerSecond(), System::nanoTime);
  }

  long id() {
    return replay.id();
  }

  /** Completes when it is over and nothing of it is in flight; fails where it is to be resumed. */
  Future<Void> over() {
    return over.future();
  }

  void start() {
    LOG.info(
        "replay {} goes on behind event {}, with up to {} events a second{}",
        replay.id(),
        replay.position(),
        replay.ratePerSecond(),
        replay.destination() == null ? "" : ", to " + replay.destination());
    Broker broker;
    try {
      broker = broker();
    } catch (RuntimeException e) {
      // A module of somebody else's may throw what it likes; the replay must not hang on it.
      end(State.FAILED, "the destination " + replay.destination() + " " + e.getMessage());
      return;
    }
    OutboxTable.payloadType(connection, scope.names())
        .map(
            payload ->
                new PassageQuery(
                    connection,
                    scope.names(),
                    EventColumns.of(connection, payload, scope.maxEventBytes()),
                    replay,
                    scope.passageBytes()))
        .compose(prepared -> connect(broker, prepared))
        .onComplete(connected -> next(), this::broken);
  }

  /** Begins nothing more; what is in flight is waited for and noted. */
  void stop() {
    stopping = true;
    if (!underWay) {
      close(null);
    }
  }

  /** Ends at once; what is in flight is waited for, within bounds, and not noted. */
  void abandon() {
    close(null);
  }

  private Broker broker() {
    String destination = replay.destination();
    return destination == null ? scope.broker() : scope.broker().redirectedTo(destination);
  }

  private Future<Void> connect(Broker broker, PassageQuery prepared) {
    if (closing) {
      return Future.failedFuture("ended before it had begun");
    }
    query = prepared;
    sideline = new Sideline(vertx, broker, scope.backoff());
    return sideline.open(term());
  }

  private Term term() {
    return new Term(
        new DeadLetters(
            connection,
            scope.names(),
            progress.owner(),
            action -> vertx.setTimer(1_000, passed -> action.run())),
        Rejections.always(OnRejected.SKIP),
        scope.mayPublish(),
        Buried.none(),
        new Destinations(FOR_EVER, scope.backoff()),
        failure -> context.runOnContext(told -> broken(failure)));
  }

  private void next() {
    if (closing) {
      return;
    }
    var reading = query;
    var sending = sideline;
    if (stopping || reading == null || sending == null) {
      close(null);
    } else if (replay.position() >= replay.top()) {
      end(State.DONE, null);
    } else if (scope.isBusy().getAsBoolean()) {
      timer = vertx.setTimer(WHILE_BUSY.toMillis(), later -> next());
    } else {
      pass(reading, sending);
    }
  }

  private record Passed(Optional<Replay> noted, int sent, long reading) {}

  private void pass(PassageQuery reading, Sideline sending) {
    underWay = true;
    int portion = pacing.begin();
    int most = replay.published() == 0 ? Math.min(portion, AT_FIRST) : portion;
    reading
        .read(replay.position(), most)
        .timeout(scope.patience().toMillis(), TimeUnit.MILLISECONDS)
        .compose(
            passage -> {
              long took = pacing.nanosSinceBegin();
              return publish(sending, passage)
                  .onSuccess(step -> scope.meters().sent(step.published(), step.rejected()))
                  .compose(step -> progress.note(connection, replay.id(), step))
                  .map(noted -> new Passed(noted, passage.letters().size(), took));
            })
        .onComplete(
            // Not called but scheduled, so that passages are no chain that grows.
            passed -> context.runOnContext(back -> goOn(passed)),
            failure -> context.runOnContext(back -> broken(failure)));
  }

  private static Future<Progress.Step> publish(Sideline sending, Passage passage) {
    var outcomes = passage.letters().stream().map(sending::publish).toList();
    return Future.all(outcomes)
        .map(
            all -> {
              var refused =
                  outcomes.stream().flatMap(outcome -> outcome.result().stream()).toList();
              return new Progress.Step(
                  passage,
                  outcomes.size() - refused.size(),
                  refused.size(),
                  refused.stream().findFirst().map(Run::sentence).orElse(null));
            });
  }

  private static String sentence(Setback setback) {
    return "event " + setback.seq() + ": " + setback.reason();
  }

  private void goOn(Passed passed) {
    underWay = false;
    if (closing) {
      return;
    }
    if (passed.noted.filter(noted -> noted.state().isOpen()).isEmpty()) {
      LOG.info("replay {} was ended, or taken up elsewhere", replay.id());
      close(null);
      return;
    }
    replay = passed.noted.get();
    scope.meters().advanced();
    if (replay.published() == 0 && replay.rejected() >= REFUSED_ALL) {
      end(
          State.FAILED,
          "the broker refused all of the first %d events, so it is given up; %s"
              .formatted(replay.rejected(), replay.rejection()));
    } else if (stopping) {
      close(null);
    } else {
      timer = vertx.setTimer(pacing.pauseMillis(passed.sent, passed.reading), due -> next());
    }
  }

  private void broken(Throwable failure) {
    underWay = false;
    if (closing) {
      return;
    }
    if (failure instanceof HaltException) {
      end(State.FAILED, String.valueOf(failure.getMessage()));
    } else {
      close(failure);
    }
  }

  private void end(State state, @Nullable String reason) {
    underWay = true;
    if (state == State.FAILED) {
      LOG.warn("replay {} has failed: {}", replay.id(), reason);
    } else {
      LOG.info(
          "replay {} is done: {} events published, {} refused",
          replay.id(),
          replay.published(),
          replay.rejected());
    }
    progress
        .end(connection, replay.id(), state, reason)
        .onComplete(wasOurs -> ended(state, wasOurs), this::close);
  }

  private void ended(State state, boolean wasOurs) {
    if (wasOurs && state == State.DONE) {
      scope.meters().done();
    } else if (wasOurs) {
      scope.meters().failed();
    }
    close(null);
  }

  /** The publisher goes first: until it has, something may be in flight. */
  private void close(@Nullable Throwable failure) {
    if (closing) {
      return;
    }
    closing = true;
    vertx.cancelTimer(timer);
    var open = sideline;
    (open == null ? Future.<Void>succeededFuture() : open.close())
        .eventually(() -> stopping ? progress.leave(connection, id()) : Future.succeededFuture())
        .eventually(() -> scope.database().close(connection))
        .onComplete(
            closed -> {
              if (failure == null) {
                over.complete();
              } else {
                over.fail(failure);
              }
            });
  }
}

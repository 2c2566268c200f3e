package io.outboxrelay.replay;

import io.outboxrelay.breaker.DestinationBreakers;
import io.outboxrelay.breaker.DestinationGate;
import io.outboxrelay.deadletter.DeadLetterSnapshot;
import io.outboxrelay.deadletter.RedeliveryFailure;
import io.outboxrelay.deadletter.RejectionAction;
import io.outboxrelay.deadletter.RejectionPolicy;
import io.outboxrelay.dispatch.ReplayPublisher;
import io.outboxrelay.dispatch.TermContext;
import io.outboxrelay.format.CountFormat;
import io.outboxrelay.publish.Broker;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out one replay, batch by batch: each batch is confirmed and its result stored before the
 * next one is read.
 *
 * <p>The order of each aggregate is kept, and events are retried until an outage ends. If the
 * broker rejects an event, the event is counted and skipped, and its aggregate is not parked.
 *
 * <p>Runs on one event loop.
 */
final class ReplayRun {
  private static final Logger LOG = LoggerFactory.getLogger(ReplayRun.class);

  /** If this many events are rejected and none is confirmed, the replay fails. */
  private static final int REFUSED_ALL = 100;

  /**
   * The highest number of events in a batch until an event of the replay is confirmed, because the
   * broker may reject all events.
   */
  private static final int AT_FIRST = 25;

  private static final Duration WHILE_BUSY = Duration.ofMillis(100);

  /**
   * The time after which the circuit breakers of a replay open. It is so long that they never open,
   * because a replay waits for its destination and defers no event.
   */
  private static final Duration FOR_EVER = Duration.ofDays(365);

  private final Vertx vertx;
  private final LongSupplier nanoTime;
  private final Context context;
  private final ReplayWorker.Scope scope;
  private final ReplaySession session;
  private final RateLimiter pacing;
  private final Promise<Void> over = Promise.promise();
  private Replay replay;
  private @Nullable ReplayPublisher replayPublisher;
  private ReplayRunState state = ReplayRunState.OPENING;

  /** True if a stop was requested, so that the run leaves the replay to its successor. */
  private boolean stopping;

  private long timer = -1;

  /**
   * @param nanoTime the clock of the rate and of the retries
   * @param session used only by this run, which closes it
   * @param replay the replay as it was when this run took it over
   */
  ReplayRun(
      Vertx vertx,
      LongSupplier nanoTime,
      ReplayWorker.Scope scope,
      ReplaySession session,
      Replay replay) {
    this.vertx = vertx;
    this.nanoTime = nanoTime;
    this.context = vertx.getOrCreateContext();
    this.scope = scope;
    this.session = session;
    this.replay = replay;
    this.pacing = new RateLimiter(replay.order().ratePerSecond(), nanoTime);
  }

  long id() {
    return replay.id();
  }

  /**
   * Completes when the run is over and no event of it is in flight. Fails if the run was broken off
   * by a failure, so that the replay is to be resumed.
   */
  Future<Void> over() {
    return over.future();
  }

  void start() {
    LOG.info(
        "replay {} continues after event {}, with up to {} a second{}",
        replay.id(),
        replay.progress().position(),
        CountFormat.of(replay.order().ratePerSecond(), "event"),
        replay.order().destination() == null ? "" : ", to " + replay.order().destination());
    Broker broker;
    try {
      broker = broker();
    } catch (RuntimeException e) {
      // A broker module of a third party may throw any exception; the replay must not hang because
      // of it.
      end(
          ReplayState.FAILED,
          "the destination " + replay.order().destination() + " " + e.getMessage());
      return;
    }
    session
        .prepare()
        .compose(prepared -> connect(broker))
        .onComplete(connected -> begin(), this::broken);
  }

  private void begin() {
    if (state == ReplayRunState.OPENING) {
      to(ReplayRunState.WAITING);
      next();
    }
  }

  /**
   * Ends the run in good order. Starts no further batch; if a batch is in flight, waits for it and
   * stores its result.
   */
  void stop() {
    stopping = true;
    if (!state.isUnderWay()) {
      close(null);
    }
  }

  /**
   * Ends the run at once. Waits a limited time for the events in flight, and does not store their
   * results.
   */
  void abandon() {
    close(null);
  }

  private Broker broker() {
    String destination = replay.order().destination();
    return destination == null ? scope.broker() : scope.broker().redirectedTo(destination);
  }

  private Future<Void> connect(Broker broker) {
    if (state == ReplayRunState.CLOSING) {
      return Future.failedFuture("ended before it had begun");
    }
    var sending = new ReplayPublisher(vertx, nanoTime, broker, scope.limits().backoff());
    replayPublisher = sending;
    return sending.open(term());
  }

  private TermContext term() {
    return new TermContext(
        session.deadLetters(),
        RejectionPolicy.always(RejectionAction.SKIP),
        scope.gate()::mayPublish,
        DeadLetterSnapshot.none(),
        new DestinationGate(new DestinationBreakers(FOR_EVER, scope.limits().backoff(), nanoTime)),
        failure -> context.runOnContext(told -> broken(failure)));
  }

  private void next() {
    if (state == ReplayRunState.CLOSING) {
      return;
    }
    var sending = replayPublisher;
    if (sending == null) {
      close(null);
    } else if (replay.isAtEnd()) {
      end(ReplayState.DONE, null);
    } else if (scope.gate().isBusy()) {
      timer = vertx.setTimer(WHILE_BUSY.toMillis(), later -> next());
    } else {
      pass(sending);
    }
  }

  private record Passed(Optional<Replay> noted, int sent, long reading) {}

  private void pass(ReplayPublisher sending) {
    to(ReplayRunState.PUBLISHING);
    int portion = pacing.begin();
    int most = replay.progress().published() == 0 ? Math.min(portion, AT_FIRST) : portion;
    session
        .read(replay.progress().position(), most)
        .compose(
            replayBatch -> {
              long took = pacing.nanosSinceBegin();
              return publish(sending, replayBatch)
                  .onSuccess(step -> scope.metrics().sent(step.published(), step.rejected()))
                  .compose(session::note)
                  .map(noted -> new Passed(noted, replayBatch.events().size(), took));
            })
        .onComplete(
            // Scheduled instead of called, so that the chain of futures does not grow with each
            // batch.
            passed -> context.runOnContext(back -> goOn(passed)),
            failure -> context.runOnContext(back -> broken(failure)));
  }

  private static Future<ReplayProgressStore.Step> publish(
      ReplayPublisher sending, ReplayBatch replayBatch) {
    var outcomes = replayBatch.events().stream().map(sending::publish).toList();
    return Future.all(outcomes)
        .map(
            all -> {
              var refused =
                  outcomes.stream().flatMap(outcome -> outcome.result().stream()).toList();
              return new ReplayProgressStore.Step(
                  replayBatch,
                  outcomes.size() - refused.size(),
                  refused.size(),
                  refused.stream().findFirst().map(ReplayRun::sentence).orElse(null));
            });
  }

  private static String sentence(RedeliveryFailure redeliveryFailure) {
    return "event " + redeliveryFailure.seq() + ": " + redeliveryFailure.reason();
  }

  private void goOn(Passed passed) {
    if (state != ReplayRunState.PUBLISHING) {
      return;
    }
    to(ReplayRunState.WAITING);
    if (passed.noted.filter(noted -> noted.state().isOpen()).isEmpty()) {
      LOG.info("replay {} was ended, or taken up elsewhere", replay.id());
      close(null);
      return;
    }
    replay = passed.noted.get();
    scope.metrics().advanced();
    if (replay.progress().published() == 0 && replay.progress().rejected() >= REFUSED_ALL) {
      end(
          ReplayState.FAILED,
          "the broker refused all of the first %d events, so the replay was ended; %s"
              .formatted(replay.progress().rejected(), replay.progress().rejection()));
    } else if (stopping) {
      close(null);
    } else {
      timer = vertx.setTimer(pacing.pauseMillis(passed.sent, passed.reading), due -> next());
    }
  }

  /**
   * Ends the run with a failure. No effect if the end of the replay is being stored or the run is
   * being closed.
   */
  private void broken(Throwable failure) {
    if (state != ReplayRunState.ENDING && state != ReplayRunState.CLOSING) {
      close(failure);
    }
  }

  private void end(ReplayState end, @Nullable String reason) {
    to(ReplayRunState.ENDING);
    if (end == ReplayState.FAILED) {
      LOG.warn("replay {} has failed: {}", replay.id(), reason);
    } else {
      LOG.info(
          "replay {} is done: {} published, {} refused",
          replay.id(),
          CountFormat.of(replay.progress().published(), "event"),
          replay.progress().rejected());
    }
    session.end(end, reason).onComplete(wasOurs -> ended(end, wasOurs), this::close);
  }

  private void ended(ReplayState end, boolean wasOurs) {
    if (wasOurs && end == ReplayState.DONE) {
      scope.metrics().done();
    } else if (wasOurs) {
      scope.metrics().failed();
    }
    close(null);
  }

  /**
   * Closes the publisher and then the session. The publisher is closed first, because until then
   * events may be in flight.
   */
  private void close(@Nullable Throwable failure) {
    if (state == ReplayRunState.CLOSING) {
      return;
    }
    to(ReplayRunState.CLOSING);
    vertx.cancelTimer(timer);
    var open = replayPublisher;
    (open == null ? Future.<Void>succeededFuture() : open.close())
        .eventually(() -> stopping ? session.leave() : Future.succeededFuture())
        .eventually(session::close)
        .onComplete(
            closed -> {
              if (failure == null) {
                over.complete();
              } else {
                over.fail(failure);
              }
            });
  }

  private void to(ReplayRunState next) {
    state = state.to(next);
  }
}

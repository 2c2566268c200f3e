package io.outboxrelay.lifecycle;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Runs a function, which is called a look, after each notification, and at intervals because a
 * notification may be missed. At most one look is under way. If a notification comes during a look,
 * another look follows.
 *
 * <pre>
 *   WAITING ── look() or timer ──▶ LOOKING ── look() ──▶ NOTIFIED
 *      ▲                              │                      │
 *      └──── look has ended ──────────┴──────────────────────┘      any state ── stop() ──▶ STOPPED
 * </pre>
 *
 * <p>Runs on one event loop.
 */
public final class NotifiedPoller {
  /** The pause that a look returns if only a notification is to cause the next look. */
  public static final Duration WHEN_NOTIFIED = Duration.ofSeconds(Long.MAX_VALUE);

  enum State {
    WAITING,
    LOOKING,
    NOTIFIED,
    STOPPED;

    private static final LegalMoves<State> MOVES =
        new LegalMoves<>(
            "a poller",
            LegalMoves.andAlwaysTo(
                STOPPED,
                Map.of(
                    WAITING, Set.of(LOOKING),
                    LOOKING, Set.of(NOTIFIED, WAITING),
                    NOTIFIED, Set.of(WAITING))));

    State to(State next) {
      return MOVES.move(this, next);
    }
  }

  private final Vertx vertx;
  private final Supplier<Future<Duration>> look;
  private final Function<Throwable, Duration> afterFailure;
  private State state = State.WAITING;
  private long timer = -1;

  /**
   * @param look runs one look; completes with the pause until the next look
   * @param afterFailure reports a failed look and returns the pause until the next look; not called
   *     after {@link #stop}
   */
  public NotifiedPoller(
      Vertx vertx, Supplier<Future<Duration>> look, Function<Throwable, Duration> afterFailure) {
    this.vertx = vertx;
    this.look = look;
    this.afterFailure = afterFailure;
  }

  /** Looks now or, if a look is under way, once more after it; no effect after {@link #stop}. */
  public void look() {
    switch (state) {
      case WAITING -> begin();
      case LOOKING -> to(State.NOTIFIED);
      case NOTIFIED, STOPPED -> {}
    }
  }

  /** Looks after {@code pause} instead of at the time set before; no effect during a look. */
  public void lookAfter(Duration pause) {
    if (state == State.WAITING) {
      vertx.cancelTimer(timer);
      if (!pause.equals(WHEN_NOTIFIED)) {
        // A look that is due at once is scheduled, too, so that the chain of futures cannot grow
        // for ever.
        timer = vertx.setTimer(Math.max(1, pause.toMillis()), due -> look());
      }
    }
  }

  /** Begins no further look. The result of a look under way is ignored. */
  public void stop() {
    if (state != State.STOPPED) {
      to(State.STOPPED);
      vertx.cancelTimer(timer);
    }
  }

  private void begin() {
    vertx.cancelTimer(timer);
    to(State.LOOKING);
    Future<Duration> result;
    try {
      result = look.get();
    } catch (RuntimeException failure) {
      result = Future.failedFuture(failure);
    }
    result.onComplete(this::looked, this::failed);
  }

  private void looked(Duration pause) {
    if (state != State.STOPPED) {
      var next = state == State.NOTIFIED ? Duration.ZERO : pause;
      to(State.WAITING);
      lookAfter(next);
    }
  }

  /**
   * Schedules the next look after a failed look. A notification that came during the failed look
   * does not shorten the pause.
   */
  private void failed(Throwable failure) {
    if (state != State.STOPPED) {
      var pause = afterFailure.apply(failure);
      if (state != State.STOPPED) {
        to(State.WAITING);
        lookAfter(pause);
      }
    }
  }

  private void to(State next) {
    state = state.to(next);
  }
}

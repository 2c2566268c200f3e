package io.outboxrelay.lifecycle;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Looks when it is notified and otherwise at intervals, because a notification may be missed. At
 * most one look is under way; if a notification comes during a look, another look follows it.
 *
 * <pre>
 *   WAITING ── look() or timer ──▶ LOOKING ── look() ──▶ NOTIFIED
 *      ▲                              │                      │
 *      └──── look has ended ──────────┴──────────────────────┘      any state ── stop() ──▶ STOPPED
 * </pre>
 *
 * <p>Lives on one event loop.
 */
public final class NotifiedPoller {
  /** The result of a look after which only a notification causes the next one. */
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
   * @param look one look; completes with the pause until the next one
   * @param afterFailure reports a failed look and returns the pause until the next one; not called
   *     after {@link #stop}
   */
  public NotifiedPoller(
      Vertx vertx, Supplier<Future<Duration>> look, Function<Throwable, Duration> afterFailure) {
    this.vertx = vertx;
    this.look = look;
    this.afterFailure = afterFailure;
  }

  /** Looks now, or once more after the look under way; no effect after {@link #stop}. */
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
        // Scheduled also if it is due at once, so that the chain of futures cannot grow for ever.
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

  /** A notification during a look that failed does not shorten the pause after the failure. */
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

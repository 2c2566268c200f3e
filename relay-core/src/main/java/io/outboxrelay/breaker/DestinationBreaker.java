package io.outboxrelay.breaker;

import java.util.function.IntToLongFunction;

/**
 * The circuit breaker of one destination: it opens once the destination accepts nothing while
 * others do, and closes with the first confirm.
 *
 * <pre>
 *   CLOSED ── an event fails for long, others are confirmed ──▶ OPEN ── pause over ──▶ HALF_OPEN
 *    ▲  ▲                                                        │ ▲                     │    │
 *    │  └───────────────────── an event is confirmed ────────────┘ └──── an event fails ─┘    │
 *    └───────────────────────────────── an event is confirmed ────────────────────────────────┘
 * </pre>
 *
 * <p>After it has closed, the destination recovers for a while: the breaker opens again as soon as
 * the destination has refused more events than it accepted, because a full queue may accept an
 * event now and then while a consumer empties it.
 *
 * <p>The criterion is how long a single event has failed, for the same reason. All times are by
 * {@link System#nanoTime} and passed in. Not safe for threads; guarded by {@link
 * DestinationBreakers}.
 */
final class DestinationBreaker {
  private static final long SECOND_NANOS = 1_000_000_000;

  private final Timing timing;
  private State state = State.CLOSED;
  private String reason = "";

  /** True if an event has failed and the failure is not forgotten yet; only while closed. */
  private boolean failing;

  private long failingSince;
  private long lastFailure;
  private boolean confirmedSince;

  /** The number of pauses since the breaker opened; the first is 1. */
  private int attempt;

  private long retryAt;

  /** True if the breaker has closed a short time ago. */
  private boolean recovering;

  private long recoveringUntil;
  private long accepted;
  private long refused;
  private int relapses;

  private boolean triedRarely;
  private boolean offered;
  private long offeredSince;

  /** The states of a circuit breaker, and the moves that the picture above shows. */
  enum State {
    CLOSED,
    OPEN,
    HALF_OPEN;

    State to(State next) {
      boolean legal =
          switch (this) {
            case CLOSED -> next == OPEN;
            case OPEN -> next == HALF_OPEN || next == CLOSED;
            case HALF_OPEN -> next == OPEN || next == CLOSED;
          };
      if (!legal) {
        throw new IllegalStateException("a breaker cannot go from " + this + " to " + next);
      }
      return next;
    }
  }

  /** The consequence of an event's outcome. */
  enum Effect {
    NONE,
    /** The breaker was closed and is open now. */
    OPENED,
    /** The breaker was recovering and is open again. */
    RELAPSED,
    /** The breaker was half-open and is open again. */
    STAYED_OPEN,
    /** The breaker is closed now. */
    CLOSED
  }

  /**
   * The times that govern a breaker.
   *
   * @param patienceNanos how long an event must have failed before the breaker opens, and how long
   *     a destination recovers
   * @param pauseNanos the pause until an open breaker becomes half-open, by the number of the
   *     attempt, from 1
   * @param rarePauseNanos that pause for a destination at which each try may leave a copy of an
   *     event
   * @param untriedNanos how long a half-open breaker is kept if nothing is left to try
   */
  record Timing(
      long patienceNanos,
      IntToLongFunction pauseNanos,
      IntToLongFunction rarePauseNanos,
      long untriedNanos) {}

  DestinationBreaker(Timing timing) {
    this.timing = timing;
  }

  /** Returns the state; an open breaker becomes half-open once its pause is over. */
  State state(long now) {
    if (state == State.OPEN && now - retryAt >= 0) {
      state = state.to(State.HALF_OPEN);
    }
    return state;
  }

  /** Returns true if the breaker is open or half-open. */
  boolean isOpenOrHalfOpen() {
    return state != State.CLOSED;
  }

  /** Returns the last failure; empty if there was none. */
  String reason() {
    return reason;
  }

  /**
   * Sets if the pauses of an open breaker are long, because each try may leave a copy of an event.
   */
  void tryRarely(boolean rarely) {
    triedRarely = rarely;
  }

  /**
   * Records that an event failed and may be retried.
   *
   * @param since the first failure of the same event
   * @param othersConfirmed true if an event of another destination was confirmed after {@code
   *     since}
   */
  Effect failed(long now, long since, String why, boolean othersConfirmed) {
    return switch (state(now)) {
      case OPEN -> Effect.NONE;
      case HALF_OPEN -> {
        open(now, why, attempt + 1, relapses);
        yield Effect.STAYED_OPEN;
      }
      case CLOSED -> failedWhileClosed(now, since, why, othersConfirmed);
    };
  }

  private Effect failedWhileClosed(long now, long since, String why, boolean othersConfirmed) {
    if (isRecovering(now) && ++refused > accepted) {
      open(now, why, triedRarely ? relapses + 1 : 1, relapses + 1);
      return Effect.RELAPSED;
    }
    if (now - since >= timing.patienceNanos && othersConfirmed) {
      open(now, why);
      return Effect.OPENED;
    }
    failing = true;
    failingSince = since;
    lastFailure = now;
    confirmedSince = false;
    reason = why;
    return Effect.NONE;
  }

  /** Records that an event was confirmed. */
  Effect confirmed(long now) {
    if (state == State.CLOSED) {
      accepted++;
      confirmedSince = true;
      return Effect.NONE;
    }
    state = state.to(State.CLOSED);
    offered = false;
    recovering = true;
    recoveringUntil = now + timing.patienceNanos;
    accepted = 1;
    refused = 0;
    return Effect.CLOSED;
  }

  /** Opens the breaker for the first time; it must be closed. */
  void open(long now, String why) {
    open(now, why, 1, 0);
  }

  private void open(long now, String why, int nextAttempt, int nextRelapses) {
    state = state.to(State.OPEN);
    reason = why;
    attempt = nextAttempt;
    relapses = nextRelapses;
    var pauses = triedRarely ? timing.rarePauseNanos : timing.pauseNanos;
    retryAt = now + pauses.applyAsLong(nextAttempt);
    failing = false;
    recovering = false;
    offered = false;
  }

  /** Closes the breaker, because it was opened without good reason; its failure counts as new. */
  void closeAsUnproven(long now) {
    state = state.to(State.CLOSED);
    failing = true;
    failingSince = now;
    lastFailure = now;
    confirmedSince = false;
    offered = false;
  }

  /** Returns true if the breaker is closed and an event has failed. */
  boolean isFailing() {
    return failing;
  }

  /** Returns true if the breaker is closed, and its latest outcome is a failure. */
  boolean hasFailedLast() {
    return failing && !confirmedSince;
  }

  /** Returns true if the event that failed last has failed for the whole patience. */
  boolean hasFailedForLong(long now) {
    return failing && now - failingSince >= timing.patienceNanos;
  }

  /**
   * Returns true if the event that failed last was still tried after the whole patience.
   *
   * @param atMost how long ago the last failure may be, in nanoseconds
   */
  boolean isTriedInVain(long now, long atMost) {
    return failing
        && lastFailure - failingSince >= timing.patienceNanos
        && now - lastFailure <= atMost;
  }

  private boolean isRecovering(long now) {
    return recovering && now - recoveringUntil < 0;
  }

  /** Returns true if the breaker is closed, and has opened again before during this recovery. */
  boolean hasRelapsed() {
    return recovering && relapses > 0;
  }

  /** Returns the number of times in a row that the breaker opened again during a recovery. */
  int relapses() {
    return relapses;
  }

  /** Records that events of this half-open destination may be tried. */
  void offer(long now) {
    if (!offered) {
      offered = true;
      offeredSince = now;
    }
  }

  /**
   * Forgets a failure that was not repeated for long, and ends a recovery that is over.
   *
   * @return true if a recovery with relapses has ended
   */
  boolean settle(long now) {
    if (failing && now - lastFailure > Math.max(2 * timing.patienceNanos, SECOND_NANOS)) {
      failing = false;
    }
    if (recovering && !isRecovering(now)) {
      recovering = false;
      return relapses > 0;
    }
    return false;
  }

  /** Returns true if nothing is known about the destination that a new breaker would not know. */
  boolean isHealthy() {
    return state == State.CLOSED && !failing && !recovering;
  }

  /**
   * Returns true if the breaker has been half-open for long and no event was tried, although it
   * might have been, so that none seems to be left.
   */
  boolean isUntried(long now) {
    return state(now) == State.HALF_OPEN && offered && now - offeredSince >= timing.untriedNanos;
  }

  /** Returns the nanoseconds until an open breaker becomes half-open; zero or less if it is. */
  long nanosToHalfOpen(long now) {
    return retryAt - now;
  }
}

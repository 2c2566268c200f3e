package io.outboxrelay.breaker;

import io.outboxrelay.lifecycle.LegalMoves;
import java.util.Map;
import java.util.Set;
import java.util.function.IntToLongFunction;

/**
 * The circuit breaker of one destination. It opens if an event for this destination fails for long
 * while events for other destinations are confirmed. It closes when an event for this destination
 * is confirmed.
 *
 * <pre>
 *   CLOSED ── an event fails for long, others are confirmed ──▶ OPEN ── pause over ──▶ HALF_OPEN
 *     ▲                                                         │ ▲ ▲                     │  │
 *     │                                                         │ │ └──── an event fails ─┘  │
 *     │                            an event is confirmed        │ │ more are refused than    │
 *     │                        ┌────────────────────────────────┘ │ accepted                 │
 *     │                        ▼                                  │                          │
 *     └── it lasts ────── RECOVERING ─────────────────────────────┘                          │
 *                              ▲                   an event is confirmed                     │
 *                              └─────────────────────────────────────────────────────────────┘
 * </pre>
 *
 * <p>A recovering breaker is closed: everything goes through. It opens again as soon as the
 * destination has refused more events than it accepted, because a full queue may accept an event
 * now and then while a consumer empties it. A breaker that an {@link OutageProbe} has opened
 * wrongly goes from OPEN or HALF_OPEN to CLOSED at once; the picture leaves these two moves out.
 *
 * <p>A breaker opens because an event has failed for long, and not after a number of failures,
 * because a nearly full queue refuses many events and still accepts some. All times are by {@link
 * System#nanoTime} and passed in. Not thread-safe; guarded by {@link DestinationBreakers}.
 */
final class DestinationBreaker {
  private static final long SECOND_NANOS = 1_000_000_000;

  private final Timing timing;
  private State state = State.CLOSED;
  private String reason = "";

  /** The latest failure; NONE while the breaker is open or half-open. */
  private FailureMemory failure = FailureMemory.NONE;

  private long failingSince;
  private long lastFailure;

  /** The number of pauses since the breaker opened; the first is 1. */
  private int attempt;

  private long retryAt;

  private long recoveringUntil;
  private long accepted;
  private long refused;
  private int relapses;

  private boolean triedRarely;
  private boolean offered;
  private long offeredSince;

  /** The states of a circuit breaker, and the moves between them. */
  enum State {
    CLOSED,
    OPEN,
    HALF_OPEN,
    /** Closed a short time ago; opens again if more events are refused than accepted. */
    RECOVERING;

    private static final LegalMoves<State> MOVES =
        new LegalMoves<>(
            "a breaker",
            Map.of(
                CLOSED, Set.of(OPEN),
                OPEN, Set.of(HALF_OPEN, RECOVERING, CLOSED),
                HALF_OPEN, Set.of(OPEN, RECOVERING, CLOSED),
                RECOVERING, Set.of(OPEN, CLOSED)));

    State to(State next) {
      return MOVES.move(this, next);
    }

    /** Returns true if all events for the destination are let through. */
    boolean isClosed() {
      return this == CLOSED || this == RECOVERING;
    }
  }

  /** The memory of a closed breaker about the latest failure of an event. */
  enum FailureMemory {
    /** No event has failed, or the failure is forgotten. */
    NONE,
    /** The latest outcome is a failure. */
    LATEST,
    /** An event has failed, and after this failure an event was confirmed. */
    CONFIRMED_SINCE;

    private static final LegalMoves<FailureMemory> MOVES =
        new LegalMoves<>(
            "the memory of a failure",
            Map.of(
                NONE, Set.of(NONE, LATEST),
                LATEST, Set.of(LATEST, CONFIRMED_SINCE, NONE),
                CONFIRMED_SINCE, Set.of(CONFIRMED_SINCE, LATEST, NONE)));

    FailureMemory to(FailureMemory next) {
      return MOVES.move(this, next);
    }

    FailureMemory afterAConfirm() {
      return to(this == NONE ? NONE : CONFIRMED_SINCE);
    }
  }

  /** The effect that an event's outcome has on the breaker. */
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
   * @param rarePauseNanos the same pause for a destination at which each attempt may leave one more
   *     copy of an event
   * @param untriedNanos how long a half-open breaker is kept if no event for its destination is
   *     left to try
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
    return !state.isClosed();
  }

  /** Returns the last failure; empty if there was none. */
  String reason() {
    return reason;
  }

  /**
   * Selects the pauses of an open breaker: if {@code rarely} is true, the longer pauses, because
   * each attempt may leave one more copy of an event; otherwise the usual pauses.
   */
  void tryRarely(boolean rarely) {
    triedRarely = rarely;
  }

  /**
   * Records that an event failed and may be retried.
   *
   * @param since the time of the first failure of the same event
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
      case CLOSED, RECOVERING -> failedWhileClosed(now, since, why, othersConfirmed);
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
    remember(since, now);
    reason = why;
    return Effect.NONE;
  }

  private void remember(long since, long now) {
    failure = failure.to(FailureMemory.LATEST);
    failingSince = since;
    lastFailure = now;
  }

  /** Records that an event was confirmed. */
  Effect confirmed(long now) {
    if (state.isClosed()) {
      accepted++;
      failure = failure.afterAConfirm();
      return Effect.NONE;
    }
    state = state.to(State.RECOVERING);
    offered = false;
    recoveringUntil = now + timing.patienceNanos;
    accepted = 1;
    refused = 0;
    return Effect.CLOSED;
  }

  /** Opens the breaker, which must be closed, and starts its first pause. */
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
    failure = failure.to(FailureMemory.NONE);
    offered = false;
  }

  /**
   * Closes the breaker, because a probe opened it wrongly. The failing counts as if it began now,
   * so no further probe starts because of this breaker for {@link Timing#patienceNanos}. An event
   * that has itself failed for that long still opens it with its next failure, if events for other
   * destinations are confirmed.
   */
  void closeAsUnproven(long now) {
    state = state.to(State.CLOSED);
    remember(now, now);
    offered = false;
  }

  /** Returns true if the breaker is closed and an event has failed. */
  boolean isFailing() {
    return failure != FailureMemory.NONE;
  }

  /** Returns true if the breaker is closed, and the latest outcome of an event is a failure. */
  boolean hasFailedLast() {
    return failure == FailureMemory.LATEST;
  }

  /**
   * Returns true if the breaker is closed, and the event that failed last had its first failure at
   * least {@link Timing#patienceNanos} ago.
   */
  boolean hasFailedForLong(long now) {
    return isFailing() && now - failingSince >= timing.patienceNanos;
  }

  /**
   * Returns true if the breaker is closed, and the last failure was recent and came at least {@link
   * Timing#patienceNanos} after the first failure of the same event.
   *
   * @param atMost how long ago the last failure may be, in nanoseconds
   */
  boolean isTriedInVain(long now, long atMost) {
    return isFailing()
        && lastFailure - failingSince >= timing.patienceNanos
        && now - lastFailure <= atMost;
  }

  private boolean isRecovering(long now) {
    return state == State.RECOVERING && now - recoveringUntil < 0;
  }

  /**
   * Returns true if the destination recovers, and its previous recovery ended because the breaker
   * opened again.
   */
  boolean hasRelapsed() {
    return state == State.RECOVERING && relapses > 0;
  }

  /** Returns how many recoveries in a row ended because the breaker opened again. */
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
    if (isFailing() && now - lastFailure > Math.max(2 * timing.patienceNanos, SECOND_NANOS)) {
      failure = failure.to(FailureMemory.NONE);
    }
    if (state == State.RECOVERING && !isRecovering(now)) {
      state = state.to(State.CLOSED);
      return relapses > 0;
    }
    return false;
  }

  /**
   * Returns true if the breaker is closed and remembers no failure, so that it need not be kept.
   */
  boolean isHealthy() {
    return state == State.CLOSED && !isFailing();
  }

  /**
   * Returns true if no event was tried although the breaker has been half-open for at least {@link
   * Timing#untriedNanos} since its events may be tried. No event for the destination seems to be
   * left.
   */
  boolean isUntried(long now) {
    return state(now) == State.HALF_OPEN && offered && now - offeredSince >= timing.untriedNanos;
  }

  /**
   * Returns the nanoseconds until an open breaker becomes half-open; zero or less if its pause is
   * over.
   */
  long nanosToHalfOpen(long now) {
    return retryAt - now;
  }
}

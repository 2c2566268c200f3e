package io.outboxrelay.dispatch;

import io.outboxrelay.lifecycle.LegalMoves;
import java.util.Map;
import java.util.Set;

/**
 * The state of a {@link RetryScheduler}.
 *
 * <pre>
 *   NORMAL ── an event fails ──▶ OUTAGE ── an event is confirmed, or none waits ──▶ NORMAL
 *
 *   either state ── end ──▶ ENDED
 * </pre>
 */
enum RetryState {
  /** Each queue with a failed event tries again after its own back-off. */
  NORMAL,
  /** No event was confirmed since an event failed, so only a few queues try at each turn. */
  OUTAGE,
  /** No queue tries again. */
  ENDED;

  private static final LegalMoves<RetryState> MOVES =
      new LegalMoves<>(
          "the retries", Map.of(NORMAL, Set.of(OUTAGE, ENDED), OUTAGE, Set.of(NORMAL, ENDED)));

  RetryState to(RetryState next) {
    return MOVES.move(this, next);
  }
}

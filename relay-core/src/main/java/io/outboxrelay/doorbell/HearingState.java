package io.outboxrelay.doorbell;

import io.outboxrelay.lifecycle.LegalMoves;
import java.util.Map;
import java.util.Set;

/**
 * The knowledge about a connection on which the doorbell is to be heard.
 *
 * <pre>
 *   UNPROVEN ── a notification ──▶ HEARD ◀── a notification / a new proof or quiet period ──▶ QUIET
 * </pre>
 */
enum HearingState {
  /** No notification was heard yet, so LISTEN may not work. */
  UNPROVEN,
  /** A notification was heard since the current proof or quiet period began. */
  HEARD,
  /** None was heard since then, but one was before. */
  QUIET;

  private static final LegalMoves<HearingState> MOVES =
      new LegalMoves<>(
          "a doorbell's connection",
          Map.of(UNPROVEN, Set.of(HEARD), HEARD, Set.of(QUIET), QUIET, Set.of(HEARD)));

  HearingState to(HearingState next) {
    return MOVES.move(this, next);
  }
}

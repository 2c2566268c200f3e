package io.outboxrelay.doorbell;

import io.outboxrelay.lifecycle.LegalMoves;
import java.util.Map;
import java.util.Set;

/**
 * The state of a connection on which notifications are to arrive.
 *
 * <pre>
 *   UNPROVEN ── a notification ──▶ HEARD ◀── a notification / a new self-test or quiet period ──▶ QUIET
 * </pre>
 */
enum HearingState {
  /** No notification has arrived yet, so LISTEN may not work. */
  UNPROVEN,
  /** A notification has arrived since the current self-test or quiet period began. */
  HEARD,
  /**
   * A notification has arrived before, but none since the current self-test or quiet period began.
   */
  QUIET;

  private static final LegalMoves<HearingState> MOVES =
      new LegalMoves<>(
          "a doorbell's connection",
          Map.of(UNPROVEN, Set.of(HEARD), HEARD, Set.of(QUIET), QUIET, Set.of(HEARD)));

  HearingState to(HearingState next) {
    return MOVES.move(this, next);
  }
}

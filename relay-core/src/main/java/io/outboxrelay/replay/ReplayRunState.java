package io.outboxrelay.replay;

import io.outboxrelay.lifecycle.LegalMoves;
import java.util.Map;
import java.util.Set;

/**
 * The state of a {@link ReplayRun}.
 *
 * <pre>
 *   OPENING ── connected ──▶ WAITING ◀── stored / next batch ──▶ PUBLISHING
 *      │                        │                                    │
 *      └─── cannot begin ──▶ ENDING ◀── all sent, or cannot go on ───┘
 *
 *   any state ── closed, or stopped ──▶ CLOSING
 * </pre>
 */
enum ReplayRunState {
  /** The publisher is being connected. */
  OPENING,
  /** No event is in flight; the next batch is read after a pause. */
  WAITING,
  /** A batch is read, published, or its result is stored. */
  PUBLISHING,
  /** The end of the replay is being stored. */
  ENDING,
  /** The publisher and the connection are closed, or are being closed. */
  CLOSING;

  private static final LegalMoves<ReplayRunState> MOVES =
      new LegalMoves<>(
          "the run of a replay",
          LegalMoves.andAlwaysTo(
              CLOSING,
              Map.of(
                  OPENING, Set.of(WAITING, ENDING),
                  WAITING, Set.of(PUBLISHING, ENDING),
                  PUBLISHING, Set.of(WAITING, ENDING))));

  ReplayRunState to(ReplayRunState next) {
    return MOVES.move(this, next);
  }

  /**
   * Returns true if a batch is under way or the end of the replay is being stored. A stop must wait
   * for the result.
   */
  boolean isUnderWay() {
    return this == PUBLISHING || this == ENDING;
  }
}

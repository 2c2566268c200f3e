package io.outboxrelay.pipeline;

import io.outboxrelay.lifecycle.LegalMoves;
import java.util.Map;
import java.util.Set;

/**
 * The state of a {@link PagePump}.
 *
 * <pre>
 *   READING ◀── resume / pause ──▶ PAUSED
 *      │                              │
 *      └──────── drain ──────────────▶├──▶ DRAINING ── nothing in flight, or in vain ──▶ DRAINED
 *
 *   any state ── stop ──▶ ABANDONED
 * </pre>
 */
enum PumpState {
  /** Reads pages while the read-ahead has room. */
  READING,
  /** Reads nothing; pages in flight are confirmed. */
  PAUSED,
  /**
   * Reads nothing any more; pages in flight are confirmed, and their positions are written to the
   * checkpoint.
   */
  DRAINING,
  /** The drain waits for no further confirm; the last checkpoint is being written. */
  DRAINED,
  /** Writes no further checkpoint, because another relay may own the shard. */
  ABANDONED;

  private static final LegalMoves<PumpState> MOVES =
      new LegalMoves<>(
          "a page pump",
          LegalMoves.andAlwaysTo(
              ABANDONED,
              Map.of(
                  READING, Set.of(PAUSED, DRAINING),
                  PAUSED, Set.of(READING, DRAINING),
                  DRAINING, Set.of(DRAINED))));

  PumpState to(PumpState next) {
    return MOVES.move(this, next);
  }

  /**
   * Returns true if a checkpoint may be written at the usual interval. This includes a drain, so
   * that a crash during the drain repeats no more events than a crash at another time.
   */
  boolean mayWrite() {
    return this == READING || this == PAUSED || this == DRAINING;
  }
}

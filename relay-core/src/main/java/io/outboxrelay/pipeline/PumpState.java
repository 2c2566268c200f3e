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
  /** Reads nothing any more; pages in flight are confirmed, and the checkpoint follows them. */
  DRAINING,
  /** The last checkpoint is being written; later confirms do not count. */
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
   * Returns true if the checkpoint may advance: also during a drain, so that a crash then repeats
   * no more events than at other times.
   */
  boolean mayWrite() {
    return this == READING || this == PAUSED || this == DRAINING;
  }
}

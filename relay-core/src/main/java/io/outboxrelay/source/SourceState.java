package io.outboxrelay.source;

import io.outboxrelay.lifecycle.LegalMoves;
import java.util.Map;
import java.util.Set;

/**
 * The state of a {@link SourceSwitch}. The table is read in all states but the last one.
 *
 * <pre>
 *   TABLE ── everything is read ──▶ CREATING ── slot created ──▶ WAITING ── covered ──▶ LOG
 *     ▲                                │                            │                    │
 *     └────────────────────────────────┴─ any failure, over budget ─┴────────────────────┘
 * </pre>
 */
enum SourceState {
  /** The table is read, and no slot is wanted yet. */
  TABLE,
  /** The slot is being created. */
  CREATING,
  /**
   * The slot exists. The table is read until all transactions that the slot does not yield were
   * read.
   */
  WAITING,
  /** The log is read. */
  LOG;

  private static final LegalMoves<SourceState> MOVES =
      new LegalMoves<>(
          "the source of a shard",
          Map.of(
              TABLE, Set.of(CREATING),
              CREATING, Set.of(WAITING, TABLE),
              WAITING, Set.of(LOG, TABLE),
              LOG, Set.of(TABLE)));

  SourceState to(SourceState next) {
    return MOVES.move(this, next);
  }
}

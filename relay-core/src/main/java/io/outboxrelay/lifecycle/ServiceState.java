package io.outboxrelay.lifecycle;

import java.util.Map;
import java.util.Set;

/**
 * The state of a {@link Service}.
 *
 * <pre>
 *   NEW ── start ──▶ RUNNING ── drain ──▶ DRAINING ── stop ──▶ STOPPED
 *    ├──────────────── drain ───────────────▲                     ▲
 *    └──────────────── stop (also from RUNNING) ──────────────────┘
 * </pre>
 */
public enum ServiceState {
  /** Does nothing yet. */
  NEW,
  /** Was started; its start may not be complete. */
  RUNNING,
  /** Begins nothing new and lets its work in flight end. */
  DRAINING,
  /** Was told to end at once; cannot be started again. */
  STOPPED;

  private static final LegalMoves<ServiceState> MOVES =
      new LegalMoves<>(
          "a service",
          Map.of(
              NEW, Set.of(RUNNING, DRAINING, STOPPED),
              RUNNING, Set.of(DRAINING, STOPPED),
              DRAINING, Set.of(STOPPED)));

  ServiceState to(ServiceState next) {
    return MOVES.move(this, next);
  }
}

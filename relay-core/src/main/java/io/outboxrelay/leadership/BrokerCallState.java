package io.outboxrelay.leadership;

import io.outboxrelay.lifecycle.LegalMoves;
import java.util.Map;
import java.util.Set;

/**
 * The state of a relay's call. A relay that cannot reach the broker calls the other relays: it
 * holds an advisory lock, by which it asks them to take over its shards if they can reach the
 * broker. See {@link BrokerHandover}.
 *
 * <pre>
 *   QUIET ── nothing is confirmed ──▶ PROVING ── cannot connect ──▶ CALLING ◀── none ─ looks ─▶ ASKING
 *     ▲                                  │                             │                       │ │
 *     ├───────────── connected ──────────┴──────── all is well ────────┴─── call is lost ──────┘ │
 *     └── the pause is over ── AWAY ◀───────────────── another relay has answered ───────────────┘
 *
 *   any state ── stop ──▶ STOPPED
 * </pre>
 */
enum BrokerCallState {
  /** Does not call the other relays, and does not try to. */
  QUIET,
  /** Tries to connect to the broker. If the attempt fails, acquires the lock of the broker call. */
  PROVING,
  /** Holds the lock of the broker call. */
  CALLING,
  /** Looks for an answer, and goes back to CALLING if there is none yet. */
  ASKING,
  /** Has released its shards to another relay. */
  AWAY,
  STOPPED;

  private static final LegalMoves<BrokerCallState> MOVES =
      new LegalMoves<>(
          "a relay's call",
          LegalMoves.andAlwaysTo(
              STOPPED,
              Map.of(
                  QUIET, Set.of(PROVING),
                  PROVING, Set.of(QUIET, CALLING),
                  CALLING, Set.of(QUIET, ASKING),
                  ASKING, Set.of(QUIET, CALLING, AWAY),
                  AWAY, Set.of(QUIET))));

  BrokerCallState to(BrokerCallState next) {
    return MOVES.move(this, next);
  }
}

package io.outboxrelay.membership;

import io.outboxrelay.lifecycle.LegalMoves;
import java.util.Map;
import java.util.Set;

/**
 * The state of a relay's {@link Membership}.
 *
 * <pre>
 *   ABSENT ── join ──▶ PRESENT ── the connection is lost ──▶ ABSENT
 *     │ ▲                 │
 *     │ └─ come back ─┐   │
 *     └── withdraw ──▶ WITHDRAWN ◀── withdraw
 *
 *   any state ── stop ──▶ STOPPED
 * </pre>
 */
enum MembershipState {
  /**
   * Has no connection; joins the other relays at once, or after the pause that follows a failure.
   */
  ABSENT,
  /** Has a connection, on which it has announced itself or is about to. */
  PRESENT,
  /** Has left the shards to the other relays, for example because it cannot reach the broker. */
  WITHDRAWN,
  STOPPED;

  private static final LegalMoves<MembershipState> MOVES =
      new LegalMoves<>(
          "a membership",
          LegalMoves.andAlwaysTo(
              STOPPED,
              Map.of(
                  ABSENT, Set.of(PRESENT, WITHDRAWN),
                  PRESENT, Set.of(ABSENT, WITHDRAWN),
                  WITHDRAWN, Set.of(ABSENT))));

  MembershipState to(MembershipState next) {
    return MOVES.move(this, next);
  }
}

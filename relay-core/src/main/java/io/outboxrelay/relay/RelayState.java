package io.outboxrelay.relay;

/**
 * What a relay instance is doing.
 *
 * <pre>
 *   STANDBY ── lease won ──▶ LEADING ── lease lost, or stop ──▶ DRAINING ── nothing in flight ──▶ STANDBY
 *      └───────────────────────────── stop ──▶ STOPPED ◀── stop ──┘
 * </pre>
 */
public enum RelayState {
  STANDBY,
  LEADING,
  DRAINING,
  STOPPED;

  /** The next state; refuses a move that the picture does not show. */
  RelayState to(RelayState next) {
    boolean legal =
        switch (this) {
          case STANDBY -> next == LEADING || next == STOPPED;
          case LEADING -> next == DRAINING;
          case DRAINING -> next == STANDBY || next == STOPPED;
          case STOPPED -> false;
        };
    if (!legal) {
      throw new IllegalStateException("a relay cannot go from " + this + " to " + next);
    }
    return next;
  }
}

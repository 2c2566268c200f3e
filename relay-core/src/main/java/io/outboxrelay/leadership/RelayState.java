package io.outboxrelay.leadership;

/**
 * The state of a relay instance, or of one shard in it.
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

  /**
   * Returns {@code next}.
   *
   * @throws IllegalStateException if the picture above does not show this move
   */
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

package io.outboxrelay.leadership;

import io.outboxrelay.lifecycle.LegalMoves;
import java.util.Map;
import java.util.Set;

/**
 * The state of one shard in one relay. {@link RelayState} summarizes it for operators.
 *
 * <pre>
 *   IDLE ── seek ──▶ CAMPAIGNING ── lease acquired ──▶ LEADING ── give up ──▶ RELEASING ──▶ WAITING
 *                         │                               │
 *                         └─ failed ─▶ CAMPAIGN_FAILED    └─ failed ─▶ TERM_FAILED
 *
 *   If another relay reaches the broker and this one does not, the term ends at once. CAMPAIGNING
 *   becomes AWAY. LEADING becomes GIVING_WAY, and AWAY once nothing is in flight.
 *
 *   CAMPAIGN_FAILED and TERM_FAILED end the term and then become WAITING, or IDLE if another relay
 *   owns the shard. WAITING and AWAY become IDLE, or CAMPAIGNING if there is only one shard.
 *
 *   When the relay stops, LEADING, RELEASING, GIVING_WAY and TERM_FAILED become RESIGNING, any other
 *   state becomes STOPPING, and both become STOPPED.
 * </pre>
 */
enum ShardState {
  /** Does nothing until it is told to seek the shard. */
  IDLE(RelayState.STANDBY),
  /** A term tries to acquire the lease and to begin. */
  CAMPAIGNING(RelayState.STANDBY),
  /** A term publishes the shard. */
  LEADING(RelayState.LEADING),
  /** Gives the shard up in good order, to another relay or for a re-sharding. */
  RELEASING(RelayState.DRAINING),
  /** Ends a term that has not begun to publish. */
  CAMPAIGN_FAILED(RelayState.STANDBY),
  /** Ends a term that has published. */
  TERM_FAILED(RelayState.DRAINING),
  /** Ends a term at once, because another relay reaches the broker and this one does not. */
  GIVING_WAY(RelayState.DRAINING),
  /** Seeks nothing until the broker is reached from here and a pause is over. */
  AWAY(RelayState.STANDBY),
  /** Waits for the next campaign, or for the stop if the shard is not sought again. */
  WAITING(RelayState.STANDBY),
  /** The relay stops; the shard is released in good order. */
  RESIGNING(RelayState.DRAINING),
  /** The relay stops, and this shard publishes nothing. */
  STOPPING(RelayState.STANDBY),
  /** Final. */
  STOPPED(RelayState.STOPPED);

  private static final LegalMoves<ShardState> MOVES =
      new LegalMoves<>(
          "a shard",
          Map.ofEntries(
              Map.entry(IDLE, Set.of(CAMPAIGNING, STOPPING)),
              Map.entry(CAMPAIGNING, Set.of(LEADING, CAMPAIGN_FAILED, AWAY, STOPPING)),
              Map.entry(LEADING, Set.of(RELEASING, TERM_FAILED, GIVING_WAY, RESIGNING)),
              Map.entry(RELEASING, Set.of(WAITING, RESIGNING)),
              Map.entry(CAMPAIGN_FAILED, Set.of(WAITING, IDLE, STOPPING)),
              Map.entry(TERM_FAILED, Set.of(WAITING, IDLE, RESIGNING)),
              Map.entry(GIVING_WAY, Set.of(AWAY, RESIGNING)),
              Map.entry(AWAY, Set.of(IDLE, CAMPAIGNING, STOPPING)),
              Map.entry(WAITING, Set.of(IDLE, CAMPAIGNING, STOPPING)),
              Map.entry(RESIGNING, Set.of(STOPPED)),
              Map.entry(STOPPING, Set.of(STOPPED))));

  private final RelayState forOperators;

  ShardState(RelayState forOperators) {
    this.forOperators = forOperators;
  }

  ShardState to(ShardState next) {
    return MOVES.move(this, next);
  }

  RelayState forOperators() {
    return forOperators;
  }

  /**
   * Returns true if this relay leads the shard or campaigns for it. After a failed campaign or
   * term, returns true until the term has ended.
   */
  boolean isSought() {
    return switch (this) {
      case CAMPAIGNING, LEADING, CAMPAIGN_FAILED, TERM_FAILED -> true;
      case IDLE, RELEASING, GIVING_WAY, AWAY, WAITING, RESIGNING, STOPPING, STOPPED -> false;
    };
  }

  /** Returns the state that follows this one when the relay stops. */
  ShardState whenStopped() {
    return switch (this) {
      case LEADING, RELEASING, GIVING_WAY, TERM_FAILED -> RESIGNING;
      default -> STOPPING;
    };
  }
}

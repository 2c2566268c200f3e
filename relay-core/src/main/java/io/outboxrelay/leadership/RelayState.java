package io.outboxrelay.leadership;

/**
 * The state of a relay instance, or of one shard in it, for operators. The relay's own logic uses
 * the finer states of {@code ShardState}.
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
  STOPPED
}

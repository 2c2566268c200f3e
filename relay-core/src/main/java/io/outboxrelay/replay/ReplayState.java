package io.outboxrelay.replay;

import java.util.Locale;

/**
 * Where a replay stands.
 *
 * <pre>
 *   ASKED ── the leader of shard 0 takes it up ──▶ RUNNING ── all sent ──▶ DONE
 *     └──────────────── cancelled ──▶ CANCELLED ◀──┴── cannot go on ──▶ FAILED
 * </pre>
 */
public enum ReplayState {
  ASKED,
  RUNNING,
  DONE,
  CANCELLED,
  FAILED;

  /** Returns true if the replay is not finished. */
  public boolean isOpen() {
    return this == ASKED || this == RUNNING;
  }

  /** Returns the state as it is written in the table. */
  public String written() {
    return name().toLowerCase(Locale.ROOT);
  }

  static ReplayState read(String written) {
    return valueOf(written.toUpperCase(Locale.ROOT));
  }
}

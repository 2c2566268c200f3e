package io.outboxrelay.replay;

import java.util.Locale;

/**
 * The states of a replay and the moves between them.
 *
 * <pre>
 *   REQUESTED ── the leader of shard 0 starts it ───▶ RUNNING ── all sent ──▶ DONE
 *     └──────────────── cancelled ──▶ CANCELLED ◀──┴── cannot go on ──▶ FAILED
 * </pre>
 */
public enum ReplayState {
  REQUESTED,
  RUNNING,
  DONE,
  CANCELLED,
  FAILED;

  /** Returns true if the replay is not finished. */
  public boolean isOpen() {
    return this == REQUESTED || this == RUNNING;
  }

  /** Returns the state as it is written in the table. */
  public String written() {
    return name().toLowerCase(Locale.ROOT);
  }

  static ReplayState read(String written) {
    return valueOf(written.toUpperCase(Locale.ROOT));
  }
}

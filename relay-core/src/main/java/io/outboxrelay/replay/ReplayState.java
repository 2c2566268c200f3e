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

  /** Whether there is something left to do. */
  public boolean isOpen() {
    return this == ASKED || this == RUNNING;
  }

  /** As it is written in the table. */
  public String written() {
    return name().toLowerCase(Locale.ROOT);
  }

  static ReplayState read(String written) {
    return valueOf(written.toUpperCase(Locale.ROOT));
  }
}

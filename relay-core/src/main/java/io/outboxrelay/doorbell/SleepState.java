package io.outboxrelay.doorbell;

/**
 * The states of a reader with a {@link Doorbell}: if it has little to read, it releases the lock of
 * the doorbell, and later waits for NOTIFY instead of looking at short intervals.
 *
 * <pre>
 *   AWAKE ── the rate has fallen: the lock is released ──▶ SETTLING ── a fence is taken ──▶ WATCHING
 *     ▲                                                     │                               │
 *     ├──────────────── the rate has risen ─────────────────┴────── the rate has risen ─────┤
 *     │                                                                                     │
 *     └── the rate has risen ── ASLEEP ◀── no transaction that saw the lock held is left ───┘
 * </pre>
 */
enum SleepState {
  /** Holds the lock, so writers do not ring; looks by itself. */
  AWAKE,
  /**
   * Has released the doorbell's lock, and takes a fence: a fence read from now on is above the
   * transaction id of every writer that found the lock held.
   */
  SETTLING,
  /**
   * Looks at short intervals for events of the writers that saw the lock held; all other writers
   * ring.
   */
  WATCHING,
  /** Waits for a ring; looks by itself only in case one is missed. */
  ASLEEP
}

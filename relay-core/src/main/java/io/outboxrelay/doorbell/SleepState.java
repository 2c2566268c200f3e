package io.outboxrelay.doorbell;

/**
 * How a relay that finds nothing to read comes to rest.
 *
 * <pre>
 *   AWAKE ── nothing for a while: the lock is released ──▶ SETTLING ── a fence is taken ──▶ WATCHING
 *     ▲                                                       │                               │
 *     └──────────────── something was found ──────────────────┴────────── or later ───────────┤
 *                                                                                             │
 *   ASLEEP ◀── every transaction that may have seen the relay awake has ended ────────────────┘
 * </pre>
 */
enum SleepState {
  /** Holds the lock, so writers do not ring; reads again without being told. */
  AWAKE,
  /** Has released the lock; the next fence stands above every writer that saw it held. */
  SETTLING,
  /** Looks now and then, for the sake of those writers; everyone else rings. */
  WATCHING,
  /** Relies on the bell. */
  ASLEEP
}

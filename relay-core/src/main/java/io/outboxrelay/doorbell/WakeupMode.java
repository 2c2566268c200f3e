package io.outboxrelay.doorbell;

/** The way in which the relay learns that there are new events. */
public enum WakeupMode {
  /**
   * A writer sends NOTIFY if the relay sleeps. The relay also looks at long intervals, because a
   * notification may be missed.
   */
  DOORBELL,
  /** The relay polls; needed if LISTEN does not work, for example behind a pooler. */
  POLL
}

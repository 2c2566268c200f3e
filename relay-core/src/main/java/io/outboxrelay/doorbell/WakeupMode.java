package io.outboxrelay.doorbell;

/** The way in which the relay learns that there are new events. */
public enum WakeupMode {
  /** A writer rings by NOTIFY if the relay sleeps; slow polling is the fallback. */
  DOORBELL,
  /** The relay polls; needed if LISTEN does not work, for example behind a pooler. */
  POLL
}

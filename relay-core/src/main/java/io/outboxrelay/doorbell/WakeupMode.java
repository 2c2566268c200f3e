package io.outboxrelay.doorbell;

/** How the relay learns that there are new events. */
public enum WakeupMode {
  /** A writer rings when the relay sleeps, by NOTIFY; a slow poll is the fallback. */
  DOORBELL,
  /** The relay looks again and again; for where LISTEN does not work, such as behind a pooler. */
  POLL
}

package io.outboxrelay.deadletter;

/** The action of the relay when the broker will never accept an event. */
public enum RejectionAction {
  /** The event goes to the dead letters, and later events of its aggregate wait behind it there. */
  PARK,
  /** The event goes to the dead letters, and later events of its aggregate are published. */
  SKIP,
  /** The relay stops and reports the event. */
  HALT
}

package io.outboxrelay.deadletter;

/** What becomes of an aggregate when the broker will never accept one of its events. */
public enum RejectionAction {
  /**
   * The event goes to the dead letters, and the aggregate's later events queue up behind it there.
   */
  PARK,
  /** The event goes to the dead letters, later events flow. */
  SKIP,
  /** The relay stops and says so. */
  HALT
}

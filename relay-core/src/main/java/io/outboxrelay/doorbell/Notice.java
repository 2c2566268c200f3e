package io.outboxrelay.doorbell;

/** A notification by its subject, as the relay sends it to itself and to other relays. */
public enum Notice {
  /** There may be new events in the shard. */
  EVENTS,
  /** There may be a request about dead letters. */
  DEAD_LETTERS,
  /** There may be a request about replays. */
  REPLAYS,
  /** The pauses may have changed. */
  PAUSES
}

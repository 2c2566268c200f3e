package io.outboxrelay.doorbell;

/** The subject of a notification that a relay receives. */
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

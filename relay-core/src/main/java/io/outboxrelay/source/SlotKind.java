package io.outboxrelay.source;

/** The setting {@code relay.log.slot}. */
public enum SlotKind {
  /** The slot ends with the relay's connection; after a restart, the table is read first. */
  TEMPORARY,
  /** The slot outlives the relay, which continues from it after a restart. */
  PERMANENT
}

package io.outboxrelay.source;

/** The setting {@code relay.source}. */
public enum SourceMode {
  /** Only the table is read. */
  TABLE,
  /** The log is read; while it cannot be read, the table is, and the relay warns. */
  LOG,
  /** The log is read if the server allows it, and the table otherwise. */
  AUTO
}

package io.outboxrelay.source;

/** The setting {@code relay.source}. */
public enum SourceMode {
  /** Only the table is read. */
  TABLE,
  /** The log is read. While it cannot be read, the relay reads the table and logs a warning. */
  LOG,
  /** The log is read if the server allows that. Otherwise the table is read, without a warning. */
  AUTO
}

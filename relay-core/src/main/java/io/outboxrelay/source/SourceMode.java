package io.outboxrelay.source;

/** The setting {@code relay.source}. */
public enum SourceMode {
  /** Only the table is read. */
  TABLE,
  /**
   * The log is read. While that is not possible, the table is read, and the relay logs a warning.
   */
  LOG,
  /** The log is read if the server allows it, and the table otherwise. */
  AUTO
}

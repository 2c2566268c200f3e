package io.outboxrelay.messageformat;

/** How a message represents an event: a value of the setting {@code format}. */
public enum MessageFormat {
  /** The payload is the body, and the relay's own headers hold the event's columns. */
  RAW,

  /** The payload is the body, and headers hold the attributes of a CloudEvent. */
  CLOUDEVENTS_BINARY,

  /** The body is a CloudEvent in JSON, which holds the payload. */
  CLOUDEVENTS_STRUCTURED,

  /**
   * The message is the one that Debezium's outbox event router makes of a row of the same table.
   */
  DEBEZIUM
}

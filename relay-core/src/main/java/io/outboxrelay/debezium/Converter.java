package io.outboxrelay.debezium;

/**
 * The converters of Kafka Connect by which the key, the value and the headers of a message are
 * written.
 */
public enum Converter {
  /** The converter for JSON with the schema and the value. */
  JSON,

  /** The converter for JSON with the value alone. */
  JSON_WITHOUT_SCHEMAS,

  /** The converter for the text of the value. */
  STRING,

  /**
   * The converter that leaves the bytes of the payload unchanged; for values without an envelope.
   */
  BINARY
}

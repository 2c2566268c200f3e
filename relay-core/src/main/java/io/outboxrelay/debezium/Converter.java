package io.outboxrelay.debezium;

/**
 * The converters of Kafka Connect by which the key, the value and the headers of a message are
 * written.
 */
public enum Converter {
  /** JSON that holds the schema and the value. */
  JSON,

  /** JSON of the value alone. */
  JSON_WITHOUT_SCHEMAS,

  /** The text of the value. */
  STRING,

  /** The bytes of the payload; for values without an envelope. */
  BINARY
}

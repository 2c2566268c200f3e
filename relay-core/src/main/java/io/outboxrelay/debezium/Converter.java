package io.outboxrelay.debezium;

/** How a key, a value or a header of a message is written: Kafka Connect's converters. */
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

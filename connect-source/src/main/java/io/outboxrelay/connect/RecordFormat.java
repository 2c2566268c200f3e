package io.outboxrelay.connect;

/** The Connect type of a record's key or value, which must suit the worker's converter. */
enum RecordFormat {
  /** An array of bytes, which {@code ByteArrayConverter} requires. */
  BYTES,

  /** A text, which {@code StringConverter} requires. */
  STRING
}

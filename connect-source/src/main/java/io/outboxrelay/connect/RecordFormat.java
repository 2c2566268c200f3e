package io.outboxrelay.connect;

/** The Connect type of a record's key or value, which must suit the worker's converter. */
enum RecordFormat {
  /** An array of bytes, as {@code ByteArrayConverter} takes it. */
  BYTES,

  /** A text, as {@code StringConverter} takes it. */
  STRING
}

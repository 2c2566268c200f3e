package io.outboxrelay.connect;

/** The source of a record's timestamp; the names are those of {@code kafka.timestamp}. */
enum RecordTimestamp {
  /** The time when the event was written. */
  EVENT,

  /** The time when Connect sends the record. */
  PUBLISH
}

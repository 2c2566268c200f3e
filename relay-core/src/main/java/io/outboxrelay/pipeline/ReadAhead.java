package io.outboxrelay.pipeline;

/** The events of a shard that were read and are not confirmed yet. */
interface ReadAhead {
  /** Returns true if nothing more is read before an event is confirmed. */
  boolean isFull();

  /** Returns the sequence number of the last event read; 0 before the first. */
  long lastRead();
}

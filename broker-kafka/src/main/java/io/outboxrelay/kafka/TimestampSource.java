package io.outboxrelay.kafka;

import io.outboxrelay.publish.OutboxEvent;
import org.jspecify.annotations.Nullable;

/**
 * What a record's timestamp says. Kafka counts a topic's retention by it, so an event older than
 * that is deleted within minutes where the timestamp is its own.
 */
enum TimestampSource {
  /** When the event was written, as its header {@code event-time} says. */
  EVENT,

  /** When the record is sent. */
  PUBLISH;

  /** In milliseconds since 1970; null for now. */
  @Nullable Long of(OutboxEvent event) {
    // Kafka knows no time before 1970; the header has it all the same.
    return this == EVENT ? Math.max(0, event.createdAt().toEpochMilli()) : null;
  }
}

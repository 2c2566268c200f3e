package io.outboxrelay.kafka;

import io.outboxrelay.publish.OutboxEvent;
import org.jspecify.annotations.Nullable;

/**
 * The source of a record's timestamp.
 *
 * <p>Kafka applies a topic's retention to the timestamp. With {@link #EVENT}, if an event is older
 * than the retention when it is published, Kafka deletes it within minutes.
 */
enum TimestampSource {
  /** The time when the event was written, which is also in its header {@code event-time}. */
  EVENT,

  /** The time when the record is sent. */
  PUBLISH;

  /** Returns milliseconds since 1970; null for the time of sending. */
  @Nullable Long of(OutboxEvent event) {
    // Kafka refuses timestamps before 1970; the header has the true time.
    return this == EVENT ? Math.max(0, event.createdAt().toEpochMilli()) : null;
  }
}

package io.outboxrelay.dispatch;

import io.outboxrelay.publish.OutboxEvent;
import java.util.OptionalInt;
import org.slf4j.spi.LoggingEventBuilder;

/** Adds the fields of one event to a log record, for structured logging as JSON. */
final class EventLogFields {
  private EventLogFields() {}

  /**
   * @param shard the event's shard; empty if the shard is not known
   */
  static LoggingEventBuilder about(
      OutboxEvent event, OptionalInt shard, LoggingEventBuilder empty) {
    var line =
        empty
            .addKeyValue("event_id", event.id())
            .addKeyValue("seq", event.seq())
            .addKeyValue("aggregate_type", event.aggregateType())
            .addKeyValue("aggregate_id", event.aggregateId());
    return shard.isPresent() ? line.addKeyValue("shard", shard.getAsInt()) : line;
  }
}

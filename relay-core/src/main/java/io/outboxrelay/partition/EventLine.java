package io.outboxrelay.partition;

import io.outboxrelay.publish.OutboxEvent;
import org.slf4j.spi.LoggingEventBuilder;

/** A line of the log about one event: what it names is there as fields too, for JSON. */
final class EventLine {
  private EventLine() {}

  static LoggingEventBuilder about(OutboxEvent event, LoggingEventBuilder line) {
    return line.addKeyValue("event_id", event.id())
        .addKeyValue("seq", event.seq())
        .addKeyValue("aggregate_type", event.aggregateType())
        .addKeyValue("aggregate_id", event.aggregateId());
  }
}

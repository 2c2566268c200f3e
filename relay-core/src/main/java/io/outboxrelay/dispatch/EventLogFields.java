package io.outboxrelay.dispatch;

import io.outboxrelay.publish.OutboxEvent;
import java.util.OptionalInt;
import org.slf4j.spi.LoggingEventBuilder;

/** A line of the log about one event: what it names is there as fields too, for JSON. */
final class EventLogFields {
  private EventLogFields() {}

  /**
   * @param shard whose event it is, where that is known
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

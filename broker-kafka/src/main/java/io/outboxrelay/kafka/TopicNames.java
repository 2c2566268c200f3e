package io.outboxrelay.kafka;

import io.outboxrelay.publish.DestinationName;
import io.outboxrelay.publish.OutboxEvent;
import org.jspecify.annotations.Nullable;

/**
 * Returns the topic of each event. If the topic depends only on the event's types, consecutive
 * events of equal types get one {@code String} object. This saves time, because Kafka's client
 * looks the topic up in several hash maps, and a {@code String} object computes its hash only once.
 *
 * <p>For one thread.
 */
final class TopicNames {
  private final DestinationName topic;
  private final boolean isByType;
  private String aggregateType = "";
  private String eventType = "";
  private @Nullable String last;

  TopicNames(DestinationName topic) {
    this.topic = topic;
    this.isByType = topic.isByType();
  }

  /**
   * Returns the topic of one event.
   *
   * @throws io.outboxrelay.publish.PublishException.Rejected if the event lacks a header that the
   *     template names
   */
  String of(OutboxEvent event) {
    if (!isByType) {
      return topic.of(event);
    }
    var known = last;
    if (known != null
        && event.aggregateType().equals(aggregateType)
        && event.eventType().equals(eventType)) {
      return known;
    }
    String name = topic.of(event);
    aggregateType = event.aggregateType();
    eventType = event.eventType();
    last = name;
    return name;
  }
}

package io.outboxrelay.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.publish.DestinationName;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Template;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Consecutive events get the right topics, and one String object if their topics are equal. */
class TopicNamesTest {
  @Test
  void eventsOfTheSameTypesShareTheObject() {
    var topics = new TopicNames(DestinationName.of(Template.parse("${aggregate_type}.events")));

    String first = topics.of(event("order", "placed", "eu"));

    assertThat(first).isEqualTo("order.events");
    assertThat(topics.of(event("order", "placed", "us"))).isSameAs(first);
  }

  @Test
  void eachTypeDecides() {
    var topics =
        new TopicNames(DestinationName.of(Template.parse("${aggregate_type}.${event_type}")));

    assertThat(topics.of(event("order", "placed", "eu"))).isEqualTo("order.placed");
    assertThat(topics.of(event("order", "paid", "eu"))).isEqualTo("order.paid");
    assertThat(topics.of(event("invoice", "paid", "eu"))).isEqualTo("invoice.paid");
    assertThat(topics.of(event("order", "placed", "eu"))).isEqualTo("order.placed");
  }

  @Test
  void aHeaderDecidesForEachEvent() {
    var topics = new TopicNames(DestinationName.of(Template.parse("${headers.region}.events")));

    assertThat(topics.of(event("order", "placed", "eu"))).isEqualTo("eu.events");
    assertThat(topics.of(event("order", "placed", "us"))).isEqualTo("us.events");
  }

  private static OutboxEvent event(String aggregateType, String eventType, String region) {
    return OutboxEvent.builder(1, new UUID(1, 2))
        .aggregate(aggregateType, "42")
        .type(eventType)
        .headers(Map.of("region", region))
        .build();
  }
}

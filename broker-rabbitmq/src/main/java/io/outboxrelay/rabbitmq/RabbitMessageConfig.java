package io.outboxrelay.rabbitmq;

import io.outboxrelay.messageformat.MessageFormats;
import io.outboxrelay.publish.HeaderTemplates;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.settings.Settings;
import java.util.Optional;

/**
 * The settings of the section {@code rabbitmq} that determine how an event becomes a message.
 *
 * @param contentType the content type of every payload; if empty, the column's type decides
 * @param formats the format of each destination's messages
 * @param cloudEventsPrefix the beginning of the names of the headers that hold attributes of a
 *     CloudEvent
 * @param headers the headers that the operator adds to each message
 * @param delivery the properties that an event's headers set
 */
record RabbitMessageConfig(
    Optional<String> contentType,
    MessageFormats formats,
    AttributePrefix cloudEventsPrefix,
    HeaderTemplates headers,
    DeliveryHeaders delivery) {

  static RabbitMessageConfig from(Settings in) {
    return new RabbitMessageConfig(
        in.optionalText("content-type"),
        MessageFormats.from(in),
        in.parsed("cloudevents.header-prefix", AttributePrefix::parse, "cloudEvents:"),
        HeaderTemplates.from(in.section("headers"), MessageFactory.RELAYS_OWN),
        DeliveryHeaders.from(in));
  }

  String contentTypeOf(OutboxEvent event) {
    return contentType.orElseGet(event::contentType);
  }
}

package io.outboxrelay.rabbitmq;

import io.outboxrelay.messageformat.CloudEventEncoder;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.publish.OutboxEvent;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Turns events into the content of RabbitMQ messages according to the AMQP protocol binding of
 * CloudEvents. The application properties of that binding are headers in RabbitMQ. The event's own
 * headers become headers of the message, unless they are extensions of the CloudEvent.
 *
 * <p>For one thread.
 */
final class CloudEventMessageFactory {
  private final RabbitConfig config;
  private final CloudEventEncoder encoder;
  private final String prefix;

  CloudEventMessageFactory(RabbitConfig config, CloudEventEncoder encoder) {
    this.config = config;
    this.encoder = encoder;
    this.prefix = config.messages().cloudEventsPrefix().text();
  }

  MessageContent binary(OutboxEvent event) {
    return withTombstone(
        event, encoder.writeBinary(event, config.contentTypeOf(event), writer(event)));
  }

  MessageContent structured(OutboxEvent event) {
    return withTombstone(
        event, encoder.writeStructured(event, config.contentTypeOf(event), writer(event)));
  }

  private static MessageContent withTombstone(OutboxEvent event, MessageContent content) {
    if (event.payload() == null) {
      content.headers().put(MessageFactory.TOMBSTONE, "true");
    }
    return content;
  }

  private CloudEventWriter writer(OutboxEvent event) {
    var headers = new HashMap<String, Object>();
    for (Map.Entry<String, String> own : event.headers().entrySet()) {
      if (encoder.isHeader(own.getKey()) && !isReserved(own.getKey())) {
        headers.put(own.getKey(), own.getValue());
      }
    }
    if (!config.headers().isEmpty()) {
      config.headers().addTo(event, headers::put);
    }
    return new CloudEventWriter(event, prefix, headers);
  }

  /** Returns true for a header name that consumers would read as a part of the CloudEvent. */
  private boolean isReserved(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return AttributePrefix.begins(lower)
        || lower.equals(MessageHeaders.CONTENT_TYPE)
        || lower.equals(MessageFactory.TOMBSTONE);
  }
}

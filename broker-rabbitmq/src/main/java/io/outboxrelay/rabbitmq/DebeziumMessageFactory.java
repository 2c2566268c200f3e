package io.outboxrelay.rabbitmq;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.outboxrelay.debeziumformat.DebeziumEncoder;
import io.outboxrelay.publish.OutboxEvent;
import java.util.HashMap;
import java.util.Objects;

/**
 * Turns events into the content of RabbitMQ messages, as Debezium's outbox event router makes it of
 * the rows. If the value of a message is null, the message has an empty body and the header {@link
 * MessageFactory#TOMBSTONE}.
 *
 * <p>For one thread.
 */
final class DebeziumMessageFactory {
  private final RabbitConfig config;
  private final DebeziumEncoder encoder;

  DebeziumMessageFactory(RabbitConfig config, DebeziumEncoder encoder) {
    this.config = config;
    this.encoder = encoder;
  }

  MessageContent of(OutboxEvent event) {
    var message = encoder.of(event);
    var headers = new HashMap<String, Object>();
    for (var header : message.headers()) {
      var value = header.value();
      if (value != null) {
        headers.put(header.name(), value.toString(UTF_8));
      }
    }
    var body = message.value();
    if (body == null) {
      headers.put(MessageFactory.TOMBSTONE, "true");
    }
    if (!config.headers().isEmpty()) {
      config.headers().addTo(event, headers::put);
    }
    return new MessageContent(
        null, headers, Objects.requireNonNullElse(body, MessageFactory.EMPTY));
  }
}

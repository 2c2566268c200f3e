package io.outboxrelay.testkit;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Delivery;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Converts RabbitMQ's deliveries to {@link ReceivedMessage}. */
final class RabbitMessages {
  private RabbitMessages() {}

  static ReceivedMessage message(Delivery delivery) {
    var envelope = delivery.getEnvelope();
    var from = delivery.getProperties();
    var properties = properties(from);
    properties.put("exchange", envelope.getExchange());
    properties.put("redelivered", Boolean.toString(envelope.isRedeliver()));
    return new ReceivedMessage(
        envelope.getRoutingKey(),
        Buffer.buffer(delivery.getBody()),
        headers(from),
        from.getTimestamp() == null ? Instant.EPOCH : from.getTimestamp().toInstant(),
        properties);
  }

  private static Map<String, String> headers(BasicProperties from) {
    var headers = new TreeMap<String, String>();
    if (from.getHeaders() != null) {
      from.getHeaders().forEach((name, value) -> headers.put(name, String.valueOf(value)));
    }
    return headers;
  }

  private static Map<String, String> properties(BasicProperties from) {
    var properties = new TreeMap<String, String>();
    put(properties, "content-type", from.getContentType());
    put(properties, "content-encoding", from.getContentEncoding());
    put(properties, "message-id", from.getMessageId());
    put(properties, "correlation-id", from.getCorrelationId());
    put(properties, "type", from.getType());
    put(properties, "app-id", from.getAppId());
    put(properties, "delivery-mode", from.getDeliveryMode());
    return properties;
  }

  private static void put(Map<String, String> properties, String name, @Nullable Object value) {
    if (value != null) {
      properties.put(name, value.toString());
    }
  }
}

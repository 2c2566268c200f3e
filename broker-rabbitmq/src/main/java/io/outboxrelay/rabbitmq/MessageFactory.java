package io.outboxrelay.rabbitmq;

import static java.util.Objects.requireNonNull;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.outboxrelay.publish.InstantFormatter;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.vertx.core.buffer.Buffer;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Turns events into RabbitMQ messages in the format of their destination. The body of a message is
 * the payload, or a CloudEvent that contains it, and the headers hold the event's columns.
 *
 * <p>For one thread.
 */
final class MessageFactory {
  static final String TOMBSTONE = "event-tombstone";

  /** The names of the headers that the relay itself sets. */
  static final Set<String> RELAYS_OWN =
      Stream.concat(MessageHeaders.OF_COLUMNS.stream(), Stream.of(TOMBSTONE))
          .collect(Collectors.toUnmodifiableSet());

  private static final int PERSISTENT = 2;
  static final Buffer EMPTY = Buffer.buffer();

  private final RabbitConfig config;
  private final boolean isRaw;
  private final @Nullable CloudEventMessageFactory cloudEvents;
  private final @Nullable DebeziumMessageFactory debezium;
  private final InstantFormatter times = new InstantFormatter();

  MessageFactory(RabbitConfig config) {
    this.config = config;
    isRaw = config.formats().areRaw();
    debezium =
        config
            .formats()
            .newDebeziumEncoder()
            .map(encoder -> new DebeziumMessageFactory(config, encoder))
            .orElse(null);
    cloudEvents =
        config
            .messages()
            .formats()
            .newEncoder()
            .map(encoder -> new CloudEventMessageFactory(config, encoder))
            .orElse(null);
  }

  /**
   * Returns the message of one event.
   *
   * @throws PublishException.Rejected if the event has no destination, is too large, or cannot be
   *     represented in the format of its destination
   */
  RabbitMessage of(OutboxEvent event) {
    checkSize(event.payload());
    String exchange = config.routing().exchangeOf(event);
    String routingKey = config.routing().routingKeyOf(event);
    if (isRaw) {
      return raw(event, exchange, routingKey);
    }
    var formats = config.formats();
    String destination = formats.isByDestination() ? exchange + "/" + routingKey : "";
    return switch (formats.of(destination)) {
      case RAW -> raw(event, exchange, routingKey);
      case CLOUDEVENTS_BINARY ->
          message(event, exchange, routingKey, requireNonNull(cloudEvents).binary(event));
      case CLOUDEVENTS_STRUCTURED ->
          message(event, exchange, routingKey, requireNonNull(cloudEvents).structured(event));
      case DEBEZIUM -> message(event, exchange, routingKey, requireNonNull(debezium).of(event));
    };
  }

  private RabbitMessage raw(OutboxEvent event, String exchange, String routingKey) {
    String id = event.id().toString();
    String contentType = config.contentTypeOf(event);
    return new RabbitMessage(
        exchange,
        routingKey,
        properties(event, id)
            .contentType(contentType)
            .headers(headers(event, id, contentType))
            .build(),
        Objects.requireNonNullElse(event.payload(), EMPTY));
  }

  private RabbitMessage message(
      OutboxEvent event, String exchange, String routingKey, MessageContent content) {
    checkSize(content.body());
    return new RabbitMessage(
        exchange,
        routingKey,
        properties(event, event.id().toString())
            .contentType(content.contentType())
            .headers(content.headers())
            .build(),
        content.body());
  }

  private void checkSize(@Nullable Buffer body) {
    if (body != null && body.length() > config.maxMessageSize()) {
      throw ExceptionMapper.tooLarge(body.length(), config.maxMessageSize());
    }
  }

  private BasicProperties.Builder properties(OutboxEvent event, String id) {
    var properties =
        new BasicProperties.Builder()
            .messageId(id)
            .type(event.eventType())
            .timestamp(Date.from(event.createdAt()))
            .deliveryMode(PERSISTENT);
    config.messages().delivery().applyTo(properties, event);
    return properties;
  }

  private Map<String, Object> headers(OutboxEvent event, String id, String contentType) {
    var headers = new HashMap<String, Object>(event.headers());
    headers.put(MessageHeaders.EVENT_ID, id);
    headers.put(MessageHeaders.EVENT_TYPE, event.eventType());
    headers.put(MessageHeaders.EVENT_TIME, times.of(event.createdAt()));
    headers.put(MessageHeaders.EVENT_SEQUENCE, Long.toString(event.seq()));
    headers.put(MessageHeaders.AGGREGATE_TYPE, event.aggregateType());
    headers.put(MessageHeaders.AGGREGATE_ID, event.aggregateId());
    headers.put(MessageHeaders.CONTENT_TYPE, contentType);
    if (event.payload() == null) {
      headers.put(TOMBSTONE, "true");
    } else {
      headers.remove(TOMBSTONE);
    }
    addConfigured(headers, event);
    return headers;
  }

  private void addConfigured(Map<String, Object> headers, OutboxEvent event) {
    if (!config.headers().isEmpty()) {
      config.headers().addTo(event, headers::put);
    }
  }
}

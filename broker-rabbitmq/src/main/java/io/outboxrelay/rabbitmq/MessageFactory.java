package io.outboxrelay.rabbitmq;

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

/**
 * Turns events into RabbitMQ messages: the body is the payload, and the headers hold the event's
 * columns.
 *
 * <p>For one thread.
 */
final class MessageFactory {
  static final String TOMBSTONE = "event-tombstone";

  private static final int PERSISTENT = 2;
  private static final Buffer EMPTY = Buffer.buffer();

  private final RabbitConfig config;
  private final InstantFormatter times = new InstantFormatter();

  MessageFactory(RabbitConfig config) {
    this.config = config;
  }

  /**
   * Returns the message of one event.
   *
   * @throws PublishException.Rejected if the event has no destination or is too large
   */
  RabbitMessage of(OutboxEvent event) {
    checkSize(event);
    return new RabbitMessage(
        config.exchangeOf(event),
        config.routingKeyOf(event),
        properties(event),
        Objects.requireNonNullElse(event.payload(), EMPTY));
  }

  private void checkSize(OutboxEvent event) {
    var payload = event.payload();
    if (payload != null && payload.length() > config.maxMessageSize()) {
      throw ExceptionMapper.tooLarge(payload.length(), config.maxMessageSize());
    }
  }

  private BasicProperties properties(OutboxEvent event) {
    String id = event.id().toString();
    String contentType = config.contentTypeOf(event);
    return new BasicProperties.Builder()
        .messageId(id)
        .type(event.eventType())
        .timestamp(Date.from(event.createdAt()))
        .contentType(contentType)
        .deliveryMode(PERSISTENT)
        .headers(headers(event, id, contentType))
        .build();
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
    return headers;
  }
}

package io.outboxrelay.testkit;

import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message as a consumer got it.
 *
 * @param key the record key on Kafka, the routing key on RabbitMQ
 * @param payload the bytes; null is a tombstone on Kafka, and never found on RabbitMQ, which knows
 *     only empty ones
 * @param headers in the order of their names; values that are not text are rendered as text
 * @param timestamp as the publisher set it, or else as the broker did; the epoch if neither did
 * @param properties what only this broker has. Kafka: {@code topic}, {@code partition}, {@code
 *     offset}. RabbitMQ: {@code exchange}, {@code redelivered}, and as far as they are set {@code
 *     content-type}, {@code content-encoding}, {@code message-id}, {@code correlation-id}, {@code
 *     type}, {@code app-id}, {@code delivery-mode} (2 is persistent)
 */
public record ReceivedMessage(
    @Nullable String key,
    @Nullable Buffer payload,
    Map<String, String> headers,
    Instant timestamp,
    Map<String, String> properties) {

  /** The payload as UTF-8; null for a tombstone. */
  public @Nullable String text() {
    return payload == null ? null : payload.toString();
  }
}

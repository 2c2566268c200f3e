package io.outboxrelay.testkit;

import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message as a consumer received it.
 *
 * @param key the record key on Kafka, the routing key on RabbitMQ
 * @param payload the bytes; null is a tombstone on Kafka, and does not occur on RabbitMQ
 * @param headers sorted by name; values that are not text are converted to text
 * @param timestamp set by the publisher, or otherwise by the broker; the epoch if neither set it
 * @param properties further fields of this broker. Kafka: {@code topic}, {@code partition}, {@code
 *     offset}. RabbitMQ: {@code exchange}, {@code redelivered}, and if set {@code content-type},
 *     {@code content-encoding}, {@code message-id}, {@code correlation-id}, {@code type}, {@code
 *     app-id}, {@code delivery-mode} (2 is persistent)
 */
public record ReceivedMessage(
    @Nullable String key,
    @Nullable Buffer payload,
    Map<String, String> headers,
    Instant timestamp,
    Map<String, String> properties) {

  /** Returns the payload as UTF-8; null for a tombstone. */
  public @Nullable String text() {
    return payload == null ? null : payload.toString();
  }
}

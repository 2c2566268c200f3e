package io.outboxrelay.testkit;

import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message as a consumer received it.
 *
 * @param key the record key on Kafka, the routing key on RabbitMQ
 * @param payload the bytes of the message; null for a tombstone on Kafka, never null on RabbitMQ
 * @param headers the headers, sorted by name; values that are not text are converted to text
 * @param timestamp the time that the publisher has set, or otherwise the broker; the epoch if
 *     neither has set one
 * @param properties the further fields that this broker has. Kafka: {@code topic}, {@code
 *     partition}, {@code offset}. RabbitMQ: {@code exchange}, {@code redelivered}, and if set
 *     {@code content-type}, {@code content-encoding}, {@code message-id}, {@code correlation-id},
 *     {@code type}, {@code app-id}, {@code delivery-mode} (2 is persistent)
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

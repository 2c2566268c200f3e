package io.outboxrelay.publish;

import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One committed row of the outbox, as a publisher receives it.
 *
 * @param seq the sequence number; increases with every event of an aggregate
 * @param id the idempotency key: every repeat of the event carries it
 * @param payload the bytes of the payload column, unchanged (text types as UTF-8); null is a
 *     tombstone. Shared between retries, so it must not be modified
 * @param contentType the media type that follows from the type of the payload column, such as
 *     {@code application/json}
 * @param headers the headers column; empty if it is null
 * @param createdAt the start of the transaction that wrote the event, by the database's clock
 */
public record OutboxEvent(
    long seq,
    UUID id,
    String aggregateType,
    String aggregateId,
    String eventType,
    @Nullable Buffer payload,
    String contentType,
    Map<String, String> headers,
    Instant createdAt) {
  /** Most characters of a name in a log line. */
  private static final int MOST_OF_A_NAME = 100;

  /** Returns a copy of this event with other headers. */
  public OutboxEvent withHeaders(Map<String, String> others) {
    return new OutboxEvent(
        seq, id, aggregateType, aggregateId, eventType, payload, contentType, others, createdAt);
  }

  /** Names the event for log lines and errors, without its payload. */
  @Override
  public String toString() {
    return "event " + seq + " of " + shortened(aggregateType) + " " + shortened(aggregateId);
  }

  private static String shortened(String name) {
    return name.length() <= MOST_OF_A_NAME
        ? name
        : name.substring(0, MOST_OF_A_NAME) + "… (" + name.length() + " characters)";
  }
}

package io.outboxrelay.publish;

import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One committed row of the outbox, as a publisher gets it.
 *
 * @param seq the row's sequence number; grows with every event of an aggregate
 * @param id the idempotency key: a repeat of the event carries the same one
 * @param payload the payload column's bytes, untouched (text types as UTF-8); null is a tombstone.
 *     Shared between retries, so it must not be written to
 * @param contentType what the payload column's type says of the bytes, such as {@code
 *     application/json}
 * @param headers the headers column, empty where it is null
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
  /** Of an aggregate, in a line of the log. */
  private static final int MOST_OF_A_NAME = 100;

  /** The same event with other headers. */
  public OutboxEvent withHeaders(Map<String, String> others) {
    return new OutboxEvent(
        seq, id, aggregateType, aggregateId, eventType, payload, contentType, others, createdAt);
  }

  /** Names the event in a log line or an error, without its payload. */
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

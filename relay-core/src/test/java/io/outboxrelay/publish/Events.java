package io.outboxrelay.publish;

import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Creates outbox events for tests. */
public final class Events {
  private static final Instant TIME = Instant.parse("2024-02-29T12:34:56.123456Z");

  private Events() {}

  /** Returns event {@code seq} of an order, with a small JSON payload that holds {@code seq}. */
  public static OutboxEvent event(long seq, String aggregateId) {
    return event(seq, aggregateId, Buffer.buffer("{\"n\": " + seq + "}"));
  }

  /** Returns an event with this payload; null makes a tombstone. */
  public static OutboxEvent event(long seq, String aggregateId, @Nullable Buffer payload) {
    return event(seq, "order", aggregateId, payload, Map.of());
  }

  /** Returns an event with these headers. */
  public static OutboxEvent event(long seq, String aggregateId, Map<String, String> headers) {
    return event(seq, "order", aggregateId, Buffer.buffer("{\"n\": " + seq + "}"), headers);
  }

  /** Returns event {@code seq} of an order, written at {@code time}. */
  public static OutboxEvent writtenAt(Instant time, long seq, String aggregateId) {
    var event = event(seq, aggregateId);
    return OutboxEvent.builder(seq, event.id())
        .aggregate(event.aggregateType(), aggregateId)
        .type(event.eventType())
        .payload(event.payload(), event.contentType())
        .headers(event.headers())
        .createdAt(time)
        .build();
  }

  /**
   * Returns event {@code seq} of an order from a table with a payload column of type {@code text}.
   */
  public static OutboxEvent ofTextColumn(long seq, String aggregateId, String payload) {
    var event = event(seq, aggregateId, Buffer.buffer(payload));
    return OutboxEvent.builder(seq, event.id())
        .aggregate(event.aggregateType(), aggregateId)
        .type(event.eventType())
        .payload(event.payload(), "text/plain; charset=utf-8")
        .headers(event.headers())
        .createdAt(event.createdAt())
        .build();
  }

  public static OutboxEvent event(
      long seq,
      String aggregateType,
      String aggregateId,
      @Nullable Buffer payload,
      Map<String, String> headers) {
    return OutboxEvent.builder(seq, UUID.randomUUID())
        .aggregate(aggregateType, aggregateId)
        .type("OrderPlaced")
        .payload(payload, "application/json")
        .headers(headers)
        .createdAt(TIME.plusMillis(seq))
        .build();
  }

  /** Returns {@code count} events of {@code aggregates} orders, interleaved. */
  public static List<OutboxEvent> interleaved(int count, int aggregates) {
    return LongStream.rangeClosed(1, count)
        .mapToObj(seq -> event(seq, "order-" + seq % aggregates))
        .toList();
  }
}

package io.outboxrelay.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.outboxrelay.publish.OutboxEvent;
import java.time.Instant;

/**
 * One traced event with its span. The span begins at the event's creation time, by the database's
 * clock. It ends when the event is confirmed, set aside or given up, by this JVM's clock.
 *
 * <p>Safe for all threads. Nothing is recorded after the end.
 */
final class EventSpan {
  private static final AttributeKey<String> REASON = AttributeKey.stringKey("reason");

  private final OutboxEvent event;
  private final Span span;

  /**
   * @param event the event to publish; its headers make the consumer's span a child of {@code span}
   */
  EventSpan(OutboxEvent event, Span span) {
    this.event = event;
    this.span = span;
  }

  /**
   * Returns the event to publish instead of the one that was read. Its headers hold the trace
   * context of this span.
   */
  OutboxEvent event() {
    return event;
  }

  void published() {
    span.addEvent("published");
  }

  void confirmed() {
    end();
  }

  /** Records a failed attempt; the event will be published again. */
  void retried(String reason) {
    span.addEvent("retried", because(reason));
  }

  /**
   * Records that the broker will never accept the event. The span stays open until {@link #parked}.
   */
  void rejected(String reason) {
    span.addEvent("rejected", because(reason));
    span.setStatus(StatusCode.ERROR, reason);
    span.setAttribute("error.type", "rejected");
  }

  /**
   * Ends the span because the event was set aside in the dead letters: it was rejected, blocked or
   * deferred.
   */
  void parked(String reason) {
    span.addEvent("parked", because(reason));
    end();
  }

  /**
   * Ends the span because this publisher does not follow the event any more. If the event is
   * published later, it gets another span.
   */
  void interrupted() {
    span.addEvent("interrupted");
    end();
  }

  /**
   * Ends the span now. If the database's clock is ahead of this JVM's, the span ends at its
   * beginning and not before.
   */
  private void end() {
    var now = Instant.now();
    span.end(now.isBefore(event.createdAt()) ? event.createdAt() : now);
  }

  private static Attributes because(String reason) {
    return Attributes.of(REASON, reason);
  }
}

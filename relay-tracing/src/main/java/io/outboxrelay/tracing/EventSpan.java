package io.outboxrelay.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.outboxrelay.publish.OutboxEvent;
import java.time.Instant;

/**
 * One traced event on its way, with its span: from the event's time, by the database's clock, to
 * the confirm, or to where it was set aside, by ours.
 *
 * <p>Safe for all threads; after its end nothing changes it.
 */
final class EventSpan {
  private static final AttributeKey<String> REASON = AttributeKey.stringKey("reason");

  private final OutboxEvent event;
  private final Span span;

  /**
   * @param event with the headers that make the consumer's span a child of {@code span}
   */
  EventSpan(OutboxEvent event, Span span) {
    this.event = event;
    this.span = span;
  }

  /** What is published instead of the event that was read. */
  OutboxEvent event() {
    return event;
  }

  void published() {
    span.addEvent("published");
  }

  void confirmed() {
    end();
  }

  /** It will be published again. */
  void retried(String reason) {
    span.addEvent("retried", because(reason));
  }

  /** It will never be accepted; what becomes of it is told after that. */
  void rejected(String reason) {
    span.addEvent("rejected", because(reason));
    span.setStatus(StatusCode.ERROR, reason);
    span.setAttribute("error.type", "rejected");
  }

  /** It went to the dead letters, for now or for good. */
  void parked(String reason) {
    span.addEvent("parked", because(reason));
    end();
  }

  /** This relay has nothing more to do with it; the next owner begins a span of its own. */
  void interrupted() {
    span.addEvent("interrupted");
    end();
  }

  /** The database's clock may be ahead of ours, and nothing ends before it began. */
  private void end() {
    var now = Instant.now();
    span.end(now.isBefore(event.createdAt()) ? event.createdAt() : now);
  }

  private static Attributes because(String reason) {
    return Attributes.of(REASON, reason);
  }
}

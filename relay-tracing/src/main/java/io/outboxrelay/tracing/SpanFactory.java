package io.outboxrelay.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.outboxrelay.publish.DestinationLookup;
import io.outboxrelay.publish.OutboxEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Begins the spans of events, with the attribute names of OpenTelemetry's messaging conventions.
 *
 * <p>Safe for all threads.
 */
final class SpanFactory {
  private static final String PUBLISH = "publish";

  private final Tracer tracer;
  private final EventSampler sampling;
  private final String system;
  private final Function<OutboxEvent, String> destination;

  /**
   * @param system the kind of broker, such as {@code kafka}
   * @param destination returns the destination of an event; see {@link
   *     io.outboxrelay.publish.Broker#destination}
   */
  SpanFactory(
      Tracer tracer,
      EventSampler sampling,
      String system,
      Function<OutboxEvent, String> destination) {
    this.tracer = tracer;
    this.sampling = sampling;
    this.system = system;
    this.destination = DestinationLookup.emptyWhereNone(destination);
  }

  /** Begins the span of an event at its creation time; returns null if the event is not traced. */
  @Nullable EventSpan begin(OutboxEvent event) {
    var parent = sampling.parentOf(event);
    if (parent == null) {
      return null;
    }
    var span = span(event, parent);
    return new EventSpan(event.withHeaders(headers(event, span.storeInContext(parent))), span);
  }

  private Span span(OutboxEvent event, Context parent) {
    String where = destination.apply(event);
    var builder =
        tracer
            .spanBuilder(where.isEmpty() ? PUBLISH : PUBLISH + " " + where)
            .setParent(parent)
            .setSpanKind(SpanKind.PRODUCER)
            .setStartTimestamp(event.createdAt())
            .setAttribute("messaging.system", system)
            .setAttribute("messaging.operation.name", PUBLISH)
            .setAttribute("messaging.operation.type", "send")
            .setAttribute("messaging.message.id", event.id().toString())
            .setAttribute("outbox.event.sequence", event.seq())
            .setAttribute("outbox.event.type", event.eventType())
            .setAttribute("outbox.aggregate.type", event.aggregateType())
            .setAttribute("outbox.aggregate.id", event.aggregateId());
    if (!where.isEmpty()) {
      builder.setAttribute("messaging.destination.name", where);
    }
    var payload = event.payload();
    if (payload != null) {
      builder.setAttribute("messaging.message.body.size", payload.length());
    }
    return builder.startSpan();
  }

  /**
   * Returns the event's headers with its trace context replaced by the span's, so that the
   * consumer's span becomes a child of this one.
   */
  private static Map<String, String> headers(OutboxEvent event, Context span) {
    var headers = new LinkedHashMap<>(event.headers());
    W3CTraceContextPropagator.getInstance()
        .inject(span, headers, (all, name, value) -> headers.put(name, value));
    return headers;
  }
}

package io.outboxrelay.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.outboxrelay.publish.OutboxEvent;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which events are traced: those whose own trace is, and a share of those without one.
 *
 * <p>The decision on an event is the same each time, also after a crash and in another relay. It
 * comes before anything of OpenTelemetry's, so that an event that is not traced costs a look at one
 * header.
 *
 * <p>Safe for all threads.
 */
final class EventSampler {
  private static final Logger LOG = LoggerFactory.getLogger(EventSampler.class);

  /** The header of the W3C's trace context, as the event has it. */
  static final String TRACEPARENT = "traceparent";

  /** Where {@code 00-trace-span-01} has its hyphens, and the last digit of the flags. */
  private static final int[] HYPHENS = {2, 35, 52};

  private static final int LAST_OF_FLAGS = 54;
  private static final int SHOWN = 80;

  private final double ratio;
  private final AtomicBoolean malformedTold = new AtomicBoolean();

  /**
   * @param ratio the share of the events without a trace that begin one
   */
  EventSampler(double ratio) {
    this.ratio = ratio;
  }

  /** What the event's span is a child of, or the root; null where it is to have none. */
  @Nullable Context parentOf(OutboxEvent event) {
    String traceparent = event.headers().get(TRACEPARENT);
    if (traceparent == null) {
      return isChosen(event.id()) ? Context.root() : null;
    }
    return isUnsampled(traceparent) ? null : sampledParent(event, traceparent);
  }

  /** A well-formed one that says no: nearly all, where few are traced. */
  private static boolean isUnsampled(String traceparent) {
    if (traceparent.length() <= LAST_OF_FLAGS) {
      return false;
    }
    for (int at : HYPHENS) {
      if (traceparent.charAt(at) != '-') {
        return false;
      }
    }
    int flags = Character.digit(traceparent.charAt(LAST_OF_FLAGS), 16);
    return flags >= 0 && flags % 2 == 0;
  }

  private @Nullable Context sampledParent(OutboxEvent event, String traceparent) {
    var parent =
        W3CTraceContextPropagator.getInstance()
            .extract(Context.root(), event.headers(), Headers.READING);
    var context = Span.fromContext(parent).getSpanContext();
    if (!context.isValid()) {
      tellMalformed(event, traceparent);
    }
    return context.isSampled() ? parent : null;
  }

  /** Whoever writes one such header writes many. */
  private void tellMalformed(OutboxEvent event, String traceparent) {
    if (!malformedTold.getAndSet(true)) {
      LOG.warn(
          "the header traceparent of {} is \"{}\", which the W3C's trace context does not know (it"
              + " is like 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01); it is passed on"
              + " as it is, and events with such a header are not traced. This is said once",
          event,
          printable(traceparent));
    }
  }

  private static String printable(String text) {
    return text.substring(0, Math.min(SHOWN, text.length())).replaceAll("\\p{Cntrl}", "?");
  }

  /** By the event's id, whose bits are stirred as not all that make ids make random ones. */
  private boolean isChosen(UUID id) {
    long bits = id.getMostSignificantBits() ^ id.getLeastSignificantBits();
    bits = (bits ^ (bits >>> 33)) * 0xff51afd7ed558ccdL;
    bits = (bits ^ (bits >>> 33)) * 0xc4ceb9fe1a85ec53L;
    bits ^= bits >>> 33;
    return (bits >>> 11) * 0x1.0p-53 < ratio;
  }

  /** An event's headers as OpenTelemetry reads them. */
  private enum Headers implements TextMapGetter<Map<String, String>> {
    READING;

    @Override
    @SuppressWarnings("deprecation") // and still to be implemented
    public Iterable<String> keys(Map<String, String> headers) {
      return headers.keySet();
    }

    @Override
    public @Nullable String get(@Nullable Map<String, String> headers, String name) {
      return headers == null ? null : headers.get(name);
    }
  }
}

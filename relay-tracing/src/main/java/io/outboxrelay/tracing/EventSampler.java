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
 * Decides which events are traced. An event with a {@code traceparent} header is traced if the
 * header says that it is sampled. Of the events without this header, a share is traced.
 *
 * <p>The decision depends only on the event and the configured share, so after a crash and in
 * another relay it is the same. It is made before OpenTelemetry is called, so an event that is not
 * traced costs only the test of one header.
 *
 * <p>Safe for all threads.
 */
final class EventSampler {
  private static final Logger LOG = LoggerFactory.getLogger(EventSampler.class);

  /** The event header that holds the W3C trace context. */
  static final String TRACEPARENT = "traceparent";

  /** The positions of the hyphens in {@code 00-traceid-spanid-01}. */
  private static final int[] HYPHENS = {2, 35, 52};

  private static final int LAST_OF_FLAGS = 54;
  private static final int SHOWN = 80;

  private final double ratio;
  private final AtomicBoolean malformedTold = new AtomicBoolean();

  /**
   * @param ratio the share of the events without a {@code traceparent} that begin a trace, 0 to 1
   */
  EventSampler(double ratio) {
    this.ratio = ratio;
  }

  /**
   * Returns the parent of the event's span; the root context if the span begins a trace; null if
   * the event is not traced.
   */
  @Nullable Context parentOf(OutboxEvent event) {
    String traceparent = event.headers().get(TRACEPARENT);
    if (traceparent == null) {
      return isChosen(event.id()) ? Context.root() : null;
    }
    return isUnsampled(traceparent) ? null : sampledParent(event, traceparent);
  }

  /**
   * Returns true if the header is well formed and says that the trace is not sampled. This quick
   * check comes before the full parser, because it decides most headers if few events are traced.
   */
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

  /**
   * Logs a malformed header, but only the first one, because an application that writes a malformed
   * header usually writes many.
   */
  private void tellMalformed(OutboxEvent event, String traceparent) {
    if (!malformedTold.getAndSet(true)) {
      LOG.warn(
          "the header traceparent of {} is \"{}\", which is not a trace context of the W3C, such as"
              + " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01; it is passed on"
              + " unchanged, and events with such a header are not traced; only the first one is"
              + " logged",
          event,
          printable(traceparent));
    }
  }

  private static String printable(String text) {
    return text.substring(0, Math.min(SHOWN, text.length())).replaceAll("\\p{Cntrl}", "?");
  }

  /**
   * Returns true if an event without a trace context is traced. Uses a hash of the event's id,
   * because not all id generators produce random bits.
   */
  private boolean isChosen(UUID id) {
    long bits = id.getMostSignificantBits() ^ id.getLeastSignificantBits();
    bits = (bits ^ (bits >>> 33)) * 0xff51afd7ed558ccdL;
    bits = (bits ^ (bits >>> 33)) * 0xc4ceb9fe1a85ec53L;
    bits ^= bits >>> 33;
    return (bits >>> 11) * 0x1.0p-53 < ratio;
  }

  /** Lets OpenTelemetry read an event's headers. */
  private enum Headers implements TextMapGetter<Map<String, String>> {
    READING;

    @Override
    @SuppressWarnings("deprecation") // deprecated, but still abstract
    public Iterable<String> keys(Map<String, String> headers) {
      return headers.keySet();
    }

    @Override
    public @Nullable String get(@Nullable Map<String, String> headers, String name) {
      return headers == null ? null : headers.get(name);
    }
  }
}

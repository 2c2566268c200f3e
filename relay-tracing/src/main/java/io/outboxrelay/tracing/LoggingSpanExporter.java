package io.outboxrelay.tracing;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends spans to the collector, and logs once when the collector stops accepting them and once when
 * it accepts them again.
 *
 * <p>Spans that the collector does not accept are dropped, because tracing must never delay events.
 */
final class LoggingSpanExporter implements SpanExporter {
  private static final Logger LOG = LoggerFactory.getLogger(LoggingSpanExporter.class);

  private final SpanExporter exporter;
  private final AtomicLong lost = new AtomicLong();

  LoggingSpanExporter(SpanExporter exporter) {
    this.exporter = exporter;
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    int count = spans.size();
    var result = exporter.export(spans);
    return result.whenComplete(() -> told(result, count));
  }

  private void told(CompletableResultCode result, int count) {
    if (result.isSuccess()) {
      long before = lost.getAndSet(0);
      if (before > 0) {
        LOG.info("the collector accepts spans again; {} were dropped", before);
      }
    } else if (lost.getAndAdd(count) == 0) {
      LOG.warn(
          "the collector accepts no spans, so they are dropped until it does, and events are"
              + " published as usual; see tracing.endpoint: {}",
          reason(result));
    }
  }

  private static String reason(CompletableResultCode result) {
    var failure = result.getFailureThrowable();
    return failure == null ? "it refused them" : String.valueOf(failure.getMessage());
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}

package io.outboxrelay.tracing;

import io.outboxrelay.publish.DelegatingPublisher;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.Publisher;
import io.vertx.core.Future;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Publishes through another publisher, and records a span for each traced event.
 *
 * <p>One span covers all attempts to publish an event. It ends when the event is confirmed, when it
 * is set aside in the dead letters, or when this publisher is closed.
 */
final class TracedPublisher extends DelegatingPublisher {
  /**
   * The maximum number of failed events with an open span. If it is reached, the span of a further
   * failed event ends as interrupted.
   */
  private static final int MOST = 10_000;

  private final SpanFactory spans;
  private final Map<Long, EventSpan> failed = new ConcurrentHashMap<>();
  private volatile boolean closed;

  TracedPublisher(Publisher publisher, SpanFactory spans) {
    super(publisher);
    this.spans = spans;
  }

  @Override
  public Future<Void> publish(OutboxEvent event) {
    var span = spanOf(event);
    return span == null ? super.publish(event) : publish(span);
  }

  private Future<Void> publish(EventSpan span) {
    span.published();
    try {
      return super.publish(span.event())
          .onComplete(confirmed -> span.confirmed(), failure -> failed(span, failure));
    } catch (RuntimeException e) {
      failed(span, e);
      throw e;
    }
  }

  private void failed(EventSpan span, Throwable failure) {
    String reason = String.valueOf(failure.getMessage());
    if (failure instanceof PublishException.Rejected) {
      span.rejected(reason);
    } else {
      span.retried(reason);
    }
    if (failed.size() >= MOST) {
      span.interrupted();
      return;
    }
    failed.put(span.event().seq(), span);
    if (closed) {
      interruptAll();
    }
  }

  @Override
  public void setAside(OutboxEvent event, String reason, boolean rejected) {
    var span = spanOf(event);
    if (span != null) {
      if (rejected) {
        span.rejected(reason);
      }
      span.parked(reason);
    }
    super.setAside(event, reason, rejected);
  }

  private @Nullable EventSpan spanOf(OutboxEvent event) {
    var span = failed.isEmpty() ? null : failed.remove(event.seq());
    return span == null ? spans.begin(event) : span;
  }

  @Override
  public Future<Void> close() {
    return super.close()
        .onComplete(
            nothingInFlight -> {
              closed = true;
              interruptAll();
            });
  }

  private void interruptAll() {
    failed
        .values()
        .removeIf(
            span -> {
              span.interrupted();
              return true;
            });
  }
}

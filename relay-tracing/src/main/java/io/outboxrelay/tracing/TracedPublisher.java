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
 * <p>One span covers all attempts to publish an event. It ends when the event is confirmed, set
 * aside in the dead letters, or when this publisher is closed.
 */
final class TracedPublisher extends DelegatingPublisher {
  /**
   * The number of failed events that are followed at a time. If there are more, their spans end as
   * interrupted.
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
    var journey = journeyOf(event);
    return journey == null ? super.publish(event) : publish(journey);
  }

  private Future<Void> publish(EventSpan journey) {
    journey.published();
    try {
      return super.publish(journey.event())
          .onComplete(confirmed -> journey.confirmed(), failure -> failed(journey, failure));
    } catch (RuntimeException e) {
      failed(journey, e);
      throw e;
    }
  }

  private void failed(EventSpan journey, Throwable failure) {
    String reason = String.valueOf(failure.getMessage());
    if (failure instanceof PublishException.Rejected) {
      journey.rejected(reason);
    } else {
      journey.retried(reason);
    }
    if (failed.size() >= MOST) {
      journey.interrupted();
      return;
    }
    failed.put(journey.event().seq(), journey);
    if (closed) {
      interruptAll();
    }
  }

  @Override
  public void setAside(OutboxEvent event, String reason, boolean rejected) {
    var journey = journeyOf(event);
    if (journey != null) {
      if (rejected) {
        journey.rejected(reason);
      }
      journey.parked(reason);
    }
    super.setAside(event, reason, rejected);
  }

  private @Nullable EventSpan journeyOf(OutboxEvent event) {
    var journey = failed.isEmpty() ? null : failed.remove(event.seq());
    return journey == null ? spans.begin(event) : journey;
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
            journey -> {
              journey.interrupted();
              return true;
            });
  }
}

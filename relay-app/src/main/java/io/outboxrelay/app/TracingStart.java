package io.outboxrelay.app;

import io.outboxrelay.health.SecondaryParts;
import io.outboxrelay.publish.Broker;
import io.outboxrelay.tracing.TracingConfig;
import io.outboxrelay.tracing.TracingException;
import io.outboxrelay.tracing.TracingSetup;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The result of starting tracing: the running tracing, or the reason why it could not be started.
 *
 * <p>If a setting of tracing cannot be used, the relay does not start, as after any mistake in the
 * configuration. After any other failure the relay publishes without tracing, and reports the
 * failure. Spans are lost then, but no event is.
 */
final class TracingStart implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TracingStart.class);
  private static final String PART = "tracing";

  private final @Nullable TracingSetup tracing;
  private final Optional<String> failure;

  private TracingStart(@Nullable TracingSetup tracing, Optional<String> failure) {
    this.tracing = tracing;
    this.failure = failure;
  }

  /** Starts tracing as configured. */
  static TracingStart of(TracingConfig config) {
    return of(() -> TracingSetup.start(config, VersionInfo.text()));
  }

  /** Starts tracing. Tests replace it. */
  interface Starter {
    TracingSetup start();
  }

  static TracingStart of(Starter starter) {
    try {
      return new TracingStart(starter.start(), Optional.empty());
    } catch (TracingException mistake) {
      throw mistake;
    } catch (RuntimeException | LinkageError failure) {
      LOG.error(
          "tracing cannot be started, so no spans are sent; publishing is not affected", failure);
      return new TracingStart(null, Optional.of(String.valueOf(failure.getMessage())));
    }
  }

  /**
   * Returns the broker with spans recorded for its traced events if tracing runs; otherwise the
   * broker itself.
   */
  Broker follow(Broker broker) {
    return tracing == null ? broker : tracing.follow(broker);
  }

  /** If tracing is configured but could not be started, records the reason in {@code parts}. */
  void tell(SecondaryParts parts) {
    failure.ifPresent(reason -> parts.fails(PART, reason));
  }

  @Override
  public void close() {
    if (tracing == null) {
      return;
    }
    try {
      tracing.close();
    } catch (RuntimeException e) {
      LOG.warn("the last spans were not sent", e);
    }
  }
}

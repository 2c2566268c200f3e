package io.outboxrelay.app;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.EnumSet;

/**
 * Creates a Vert.x with metrics of the JVM, of Netty's buffers and event loops, and of the worker
 * pools.
 */
final class InstrumentedVertx {
  private InstrumentedVertx() {}

  /**
   * Adds the metrics to {@code options}. All other metrics of Vert.x are off, because they cost
   * time for every message on a socket and the relay has its own.
   */
  static VertxBuilder vertx(VertxOptions options, PrometheusMeterRegistry registry) {
    var metrics =
        new MicrometerMetricsOptions()
            .setEnabled(true)
            .setJvmMetricsEnabled(true)
            .setNettyMetricsEnabled(true);
    EnumSet.complementOf(EnumSet.of(MetricsDomain.NAMED_POOLS))
        .forEach(metrics::addDisabledMetricsCategory);
    return Vertx.builder()
        .with(options.setMetricsOptions(metrics))
        .withMetrics(new MicrometerMetricsFactory(registry));
  }
}

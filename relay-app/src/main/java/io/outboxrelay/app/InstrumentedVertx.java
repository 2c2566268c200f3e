package io.outboxrelay.app;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.EnumSet;

/** Vert.x with metrics of what it runs on: the JVM, the event loops and the worker pools. */
final class InstrumentedVertx {
  private InstrumentedVertx() {}

  /**
   * Adds metrics to {@code options}; the rest would be counted for every message on a socket, and
   * the relay counts what it does by itself.
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

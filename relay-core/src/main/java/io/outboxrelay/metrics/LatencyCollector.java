package io.outboxrelay.metrics;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.function.Supplier;

/**
 * Exports a {@link LatencyHistogram} to Prometheus, because Micrometer has no meter for a histogram
 * that is filled elsewhere.
 */
final class LatencyCollector implements Collector {
  private final String name;
  private final String help;
  private final Supplier<LatencyHistogram> histogram;

  LatencyCollector(String name, String help, Supplier<LatencyHistogram> histogram) {
    this.name = name;
    this.help = help;
    this.histogram = histogram;
  }

  @Override
  public MetricSnapshot collect() {
    var now = histogram.get();
    var buckets = ClassicHistogramBuckets.builder();
    for (int i = 0; i < now.counts().length; i++) {
      buckets.bucket(LatencyRecorder.bound(i), now.counts()[i]);
    }
    return HistogramSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(
            HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(buckets.build())
                .sum(now.sum())
                .build())
        .build();
  }

  @Override
  public String getPrometheusName() {
    return name;
  }
}

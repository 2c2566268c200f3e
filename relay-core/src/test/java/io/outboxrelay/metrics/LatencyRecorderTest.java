package io.outboxrelay.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LatencyRecorderTest {
  private final LatencyRecorder latency = new LatencyRecorder();

  @Test
  void countsAndSumsUp() {
    latency.record(500);
    latency.record(501);
    latency.record(10_000_000_000_000L);

    var histogram = latency.histogram();

    assertThat(histogram.count()).isEqualTo(3);
    assertThat(histogram.counts()[0]).isEqualTo(1);
    assertThat(histogram.counts()[1]).isEqualTo(1);
    assertThat(histogram.counts()[LatencyRecorder.buckets() - 1]).isEqualTo(1);
    assertThat(histogram.sum()).isEqualTo(10_000_000.001001, within(1e-6));
  }

  @Test
  void aQuantileIsInTheRightBucket() {
    var random = new Random(7);
    for (int i = 0; i < 10_000; i++) {
      latency.record((long) (random.nextDouble() * 100_000));
    }
    assertThat(latency.histogram().quantile(0.5).orElseThrow()).isBetween(0.045, 0.055);
    assertThat(latency.histogram().quantile(0.99).orElseThrow()).isBetween(0.095, 0.1);
  }

  @Test
  void nothingHasNoQuantile() {
    assertThat(latency.histogram().quantile(0.5)).isEmpty();
  }

  @Test
  void latenciesSinceASnapshotAreTheDifference() {
    latency.record(1_000);
    var before = latency.histogram();
    latency.record(40_000_000);

    var since = latency.histogram().since(before);

    assertThat(since.count()).isEqualTo(1);
    assertThat(since.quantile(0.5).orElseThrow()).isBetween(30.0, 60.0);
    assertThat(LatencyHistogram.sum(List.of(before, since)).count()).isEqualTo(2);
  }
}

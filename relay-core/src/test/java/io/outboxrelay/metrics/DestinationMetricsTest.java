package io.outboxrelay.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DestinationMetricsTest {
  private static final int ROUNDS = 200;

  @Test
  void aDestinationThatTwoPartitionsMeetAtOnceHasANameInBoth() throws Exception {
    var partitions = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < ROUNDS; round++) {
        var metrics = new DestinationMetrics(new SimpleMeterRegistry());
        var begin = new CyclicBarrier(2);
        Callable<Void> partition = () -> meetAll(metrics, begin);
        Future<Void> one = partitions.submit(partition);
        Future<Void> other = partitions.submit(partition);
        one.get();
        other.get();
        assertThat(metrics.totals())
            .hasSize(DestinationMetrics.MOST)
            .doesNotContainKey(DestinationMetrics.OTHER);
      }
    } finally {
      partitions.shutdownNow();
    }
  }

  @Test
  void destinationsBeyondTheFirstShareAName() {
    var metrics = new DestinationMetrics(new SimpleMeterRegistry());
    var partition = new PartitionDestinations(metrics);
    IntStream.range(0, DestinationMetrics.MOST + 2).forEach(n -> partition.of("topic-" + n));

    assertThat(metrics.totals())
        .hasSize(DestinationMetrics.MOST + 1)
        .containsKey(DestinationMetrics.OTHER);
  }

  /** Counts each destination at nearly the same moment as the other partition does. */
  private static Void meetAll(DestinationMetrics metrics, CyclicBarrier begin) throws Exception {
    var partition = new PartitionDestinations(metrics);
    for (int n = 0; n < DestinationMetrics.MOST; n++) {
      begin.await();
      partition.of("topic-" + n);
    }
    return null;
  }
}

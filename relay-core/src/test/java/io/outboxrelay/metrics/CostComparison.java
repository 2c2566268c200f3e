package io.outboxrelay.metrics;

import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.OutboxEvent;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Compares two ways of counting an event: with fields that one thread writes, as the relay does,
 * and with Micrometer's own counters and timers. Not a test; run it with the class path of this
 * module's tests.
 */
public final class CostComparison {
  private static final int EVENTS = 5_000_000;
  private static final int ROUNDS = 5;

  private CostComparison() {}

  public static void main(String[] args) {
    var metrics = RelayMetrics.alone();
    metrics.clock().sample(System.nanoTime(), System.nanoTime(), System.currentTimeMillis() * 1000);
    var traffic = metrics.traffic(0, 0, OutboxEvent::aggregateType, true);
    var event = Events.event(1, "a");
    compare("ours", i -> pass(traffic, event));

    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    var published = registry.counter("published", "destination", "t");
    var confirmed = registry.counter("confirmed", "destination", "t");
    var delivery = timer(registry, "delivery");
    var publishing = timer(registry, "publishing");
    compare(
        "Micrometer's",
        i -> {
          long left = System.nanoTime();
          published.increment();
          confirmed.increment();
          long now = System.nanoTime();
          publishing.record(now - left, TimeUnit.NANOSECONDS);
          delivery.record(now - left, TimeUnit.NANOSECONDS);
        });
  }

  private static Timer timer(PrometheusMeterRegistry registry, String name) {
    return Timer.builder(name).publishPercentileHistogram().register(registry);
  }

  private static void pass(PartitionMetrics traffic, OutboxEvent event) {
    long left = System.nanoTime();
    var counts = traffic.leaves(event, null);
    traffic.confirmed(event, counts, left, System.nanoTime());
  }

  private static void compare(String name, LongConsumer one) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int round = 0; round < ROUNDS; round++) {
      long bytes = threads.getCurrentThreadAllocatedBytes();
      long time = threads.getCurrentThreadCpuTime();
      for (long i = 0; i < EVENTS; i++) {
        one.accept(i);
      }
      time = threads.getCurrentThreadCpuTime() - time;
      bytes = threads.getCurrentThreadAllocatedBytes() - bytes;
      System.out.printf(
          Locale.ROOT,
          "%-13s %6.1f ns and %.3f bytes an event%n",
          name,
          (double) time / EVENTS,
          (double) bytes / EVENTS);
    }
  }
}

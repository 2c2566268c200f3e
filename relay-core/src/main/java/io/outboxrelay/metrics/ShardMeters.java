package io.outboxrelay.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * Counts what is done for one shard.
 *
 * <p>Written on the shard's event loop only.
 */
public final class ShardMeters {
  private final MeterRegistry registry;
  private final String shard;
  private final Count read = new Count();

  ShardMeters(MeterRegistry registry, int shard) {
    this.registry = registry;
    this.shard = Integer.toString(shard);
    counter("events.read", "Events read from the outbox", read);
  }

  /** So many events were read. */
  public void read(int events) {
    read.add(events);
  }

  private void counter(String name, String description, Count count) {
    FunctionCounter.builder("outbox." + name, count, Count::value)
        .description(description)
        .tag("shard", shard)
        .register(registry);
  }
}

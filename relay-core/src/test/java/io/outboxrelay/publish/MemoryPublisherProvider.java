package io.outboxrelay.publish;

import io.outboxrelay.settings.Settings;

/** Provides {@code broker: memory} for tests. */
public final class MemoryPublisherProvider implements PublisherProvider {
  @Override
  public String name() {
    return "memory";
  }

  @Override
  public Broker configure(Settings settings) {
    return MemoryBrokerClient.from(settings);
  }
}

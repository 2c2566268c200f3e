package io.outboxrelay.kafka;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.settings.Settings;

/** Provides the Kafka publisher for {@code broker: kafka}. */
public final class KafkaPublisherProvider implements PublisherProvider {
  @Override
  public String name() {
    return "kafka";
  }

  @Override
  public Broker configure(Settings settings) {
    return new KafkaBroker(KafkaConfig.from(settings));
  }
}

package io.outboxrelay.rabbitmq;

import io.outboxrelay.publish.Broker;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.settings.Settings;

/** Provides the RabbitMQ publisher for {@code broker: rabbitmq}. */
public final class RabbitPublisherProvider implements PublisherProvider {
  @Override
  public String name() {
    return "rabbitmq";
  }

  @Override
  public Broker configure(Settings settings) {
    return new RabbitBroker(RabbitConfig.from(settings));
  }
}

package io.outboxrelay.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.publish.Ordering;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.settings.Settings;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class RabbitBrokerTest {
  @Test
  void isFoundByItsName() {
    assertThat(ServiceLoader.load(PublisherProvider.class))
        .extracting(PublisherProvider::name)
        .contains("rabbitmq");
  }

  @Test
  void saysWhereMessagesGo() {
    assertThat(summary(Map.of()))
        .isEqualTo(
            "RabbitMQ at localhost:5672, exchange ${aggregate_type}.events, routing key"
                + " ${event_type}");
    assertThat(
            summary(
                Map.of(
                    "uri", "amqp://one,two/orders",
                    "exchange", "",
                    "routing-key", "queue",
                    "routing-key-header", "to")))
        .isEqualTo(
            "RabbitMQ at one:5672,two:5672, virtual host orders, exchange \"\" (the default"
                + " exchange), routing key queue, or the event's header to");
  }

  @Test
  void keepsNoOrderByItself() {
    assertThat(new RabbitBroker(RabbitConfig.from(Settings.of("test", Map.of()))).ordering())
        .isEqualTo(Ordering.ONE_AT_A_TIME);
  }

  private static String summary(Map<String, ?> settings) {
    return new RabbitPublisherProvider().configure(Settings.of("test", settings)).summary();
  }
}

package io.outboxrelay.environment;

import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.RabbitServer;
import io.outboxrelay.testkit.TestBroker;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The brokers that the service can be shown with. */
public enum BrokerType {
  KAFKA {
    @Override
    TestBroker start(boolean fast) {
      var builder = KafkaServer.builder();
      return (fast ? builder.fast() : builder).start();
    }

    @Override
    Map<String, Object> destination(String topic) {
      return Map.of("topic", topic);
    }
  },

  RABBITMQ {
    @Override
    TestBroker start(boolean fast) {
      return RabbitServer.start();
    }

    /** RabbitMQ's default exchange takes the routing key for the name of a queue. */
    @Override
    Map<String, Object> destination(String queue) {
      var settings = new LinkedHashMap<String, Object>();
      settings.put("exchange", "");
      settings.put("routing-key", queue);
      return settings;
    }
  };

  /** Starts a server; returns when it answers. */
  abstract TestBroker start(boolean fast);

  /** What the broker's section of the relay's configuration says to publish there. */
  abstract Map<String, Object> destination(String name);

  /** As the command line and the configurations write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

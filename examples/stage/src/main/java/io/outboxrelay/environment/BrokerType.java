package io.outboxrelay.environment;

import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.RabbitServer;
import io.outboxrelay.testkit.TestBroker;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The brokers that the example can run with. */
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

    /** RabbitMQ's default exchange uses the routing key as the name of the queue. */
    @Override
    Map<String, Object> destination(String queue) {
      var settings = new LinkedHashMap<String, Object>();
      settings.put("exchange", "");
      settings.put("routing-key", queue);
      return settings;
    }
  };

  /**
   * Starts a server; returns when it answers.
   *
   * @param fast true to start Kafka for speed, with more memory; RabbitMQ ignores it
   */
  abstract TestBroker start(boolean fast);

  /** Returns the settings of the relay's broker section that select this destination. */
  abstract Map<String, Object> destination(String name);

  /** Returns the name in the command line and in the configurations. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

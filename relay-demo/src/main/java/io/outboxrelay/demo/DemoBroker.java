package io.outboxrelay.demo;

import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.RabbitServer;
import io.outboxrelay.testkit.TestBroker;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The brokers that the demo can run with. */
enum DemoBroker {
  KAFKA("Kafka") {
    @Override
    TestBroker start() {
      return KafkaServer.start();
    }

    @Override
    Map<String, String> destination(String topic) {
      return Map.of("topic", topic);
    }
  },

  RABBITMQ("RabbitMQ") {
    @Override
    TestBroker start() {
      return RabbitServer.start();
    }

    /** RabbitMQ's default exchange uses the routing key as the name of the queue. */
    @Override
    Map<String, String> destination(String queue) {
      var settings = new LinkedHashMap<String, String>();
      settings.put("exchange", "");
      settings.put("routing-key", queue);
      return settings;
    }
  };

  private final String title;

  DemoBroker(String title) {
    this.title = title;
  }

  /** Returns the product's name, for display. */
  String title() {
    return title;
  }

  /** Starts a server; returns when it answers. */
  abstract TestBroker start();

  /** Returns the settings of the broker's configuration section that select this destination. */
  abstract Map<String, String> destination(String name);

  /** Returns the name in the command line and in the configuration. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

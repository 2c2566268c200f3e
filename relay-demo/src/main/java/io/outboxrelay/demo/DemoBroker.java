package io.outboxrelay.demo;

import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.RabbitServer;
import io.outboxrelay.testkit.TestBroker;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The brokers that the demo can show. */
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

    /** RabbitMQ's default exchange takes the routing key for the name of a queue. */
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

  /** As its makers write it. */
  String title() {
    return title;
  }

  /** Starts a server; returns when it answers. */
  abstract TestBroker start();

  /** What the broker's section of the configuration says to publish to this destination. */
  abstract Map<String, String> destination(String name);

  /** As the command line and the configuration write it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

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

    @Override
    String addressVariable() {
      return "OUTBOX_TEST_KAFKA";
    }

    @Override
    String address(TestBroker server) {
      return String.valueOf(server.settings().get("bootstrap.servers"));
    }

    @Override
    String destinationKind() {
      return "topic";
    }

    @Override
    String ownTool(String address, String topic) {
      return "kafka-console-consumer.sh --bootstrap-server %s --topic %s --from-beginning"
          .formatted(address, topic);
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

    @Override
    String addressVariable() {
      return "OUTBOX_TEST_RABBITMQ";
    }

    @Override
    String address(TestBroker server) {
      return String.valueOf(server.settings().get("uri"));
    }

    @Override
    String destinationKind() {
      return "queue";
    }

    /** Of Debian's amqp-tools: rabbitmqadmin would need the management plug-in in the server. */
    @Override
    String ownTool(String address, String queue) {
      return "amqp-get --url=%s --queue=%s".formatted(address, queue);
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

  /** Returns the environment variable that gives the test kit the address of a running server. */
  abstract String addressVariable();

  /** Returns the value of {@link #addressVariable} for this server. */
  abstract String address(TestBroker server);

  /** Returns the broker's word for a destination. */
  abstract String destinationKind();

  /** Returns a command that shows messages if the broker's own tools are installed. */
  abstract String ownTool(String address, String destination);

  /** Returns the name in the command line and in the configuration. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

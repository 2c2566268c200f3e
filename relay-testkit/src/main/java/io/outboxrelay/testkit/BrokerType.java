package io.outboxrelay.testkit;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The brokers that the test kit can start. */
public enum BrokerType {
  KAFKA("Kafka", "topic", "OUTBOX_TEST_KAFKA", "bootstrap.servers") {
    @Override
    public TestBroker start() {
      return KafkaServer.start();
    }

    @Override
    public TestBroker startFast() {
      return KafkaServer.builder().fast().start();
    }

    @Override
    public Map<String, String> destination(String topic) {
      return Map.of("topic", topic);
    }
  },

  RABBITMQ("RabbitMQ", "queue", "OUTBOX_TEST_RABBITMQ", "uri") {
    @Override
    public TestBroker start() {
      return RabbitServer.start();
    }

    @Override
    public TestBroker startFast() {
      return start();
    }

    /**
     * Returns the settings that make RabbitMQ's default exchange deliver to a queue: that exchange
     * uses the routing key as the name of the queue.
     */
    @Override
    public Map<String, String> destination(String queue) {
      var settings = new LinkedHashMap<String, String>();
      settings.put("exchange", "");
      settings.put("routing-key", queue);
      return settings;
    }
  };

  private final String title;
  private final String destinationKind;
  private final String addressVariable;
  private final String addressSetting;

  BrokerType(String title, String destinationKind, String addressVariable, String addressSetting) {
    this.title = title;
    this.destinationKind = destinationKind;
    this.addressVariable = addressVariable;
    this.addressSetting = addressSetting;
  }

  /** Returns the type with the name {@code kafka} or {@code rabbitmq}; empty for any other name. */
  public static Optional<BrokerType> named(String name) {
    return Stream.of(values()).filter(type -> type.toString().equals(name)).findAny();
  }

  /** Returns the type of a running server. */
  public static BrokerType of(TestBroker server) {
    return named(server.name()).orElseThrow();
  }

  /** Starts a server; returns when it answers. */
  public abstract TestBroker start();

  /** Starts a server that is tuned for speed: Kafka gets more memory, and RabbitMQ is unchanged. */
  public abstract TestBroker startFast();

  /** Returns the settings of the relay's broker section that select this destination. */
  public abstract Map<String, String> destination(String name);

  /** Returns the name of the product, for people to read. */
  public String title() {
    return title;
  }

  /** Returns the word that the broker's users have for a destination, such as topic or queue. */
  public String destinationKind() {
    return destinationKind;
  }

  /**
   * Returns the name of the environment variable that contains the address of a running server for
   * the test kit to use.
   */
  public String addressVariable() {
    return addressVariable;
  }

  /** Returns the value of {@link #addressVariable} for this server. */
  public String address(TestBroker server) {
    return String.valueOf(server.settings().get(addressSetting));
  }

  /** Returns the name of the broker in command lines and in the relay's configuration. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

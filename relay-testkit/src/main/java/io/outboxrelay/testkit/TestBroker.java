package io.outboxrelay.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A message broker as tests see it: destinations to publish to, and what arrived there. */
public interface TestBroker extends TestService {
  /** What selects this broker in the relay's configuration: {@code kafka} or {@code rabbitmq}. */
  String name();

  /**
   * The part of the broker's section in the relay's configuration that leads to this server, such
   * as {@code bootstrap.servers}. Destination and the rest are the caller's to add.
   */
  Map<String, Object> settings();

  /** A fresh destination with default options; see {@link #newDestination(Map)}. */
  default String newDestination() {
    return newDestination(Map.of());
  }

  /**
   * Creates a destination nobody has used: a topic, or a durable quorum queue. Returns its name.
   *
   * @param options Kafka: {@code partitions} (default 3), {@code replicas} (default 1), all else is
   *     a topic setting, such as {@code max.message.bytes}. RabbitMQ: queue arguments, such as
   *     {@code x-queue-type}, {@code x-max-length}, {@code x-overflow}
   */
  String newDestination(Map<String, Object> options);

  /**
   * Reads a destination from its beginning until {@code count} messages have arrived or {@code
   * timeout} is over, and returns what arrived, so fewer or, where they came together, more.
   *
   * <p>Messages are in the order in which the broker delivers them; Kafka keeps it within a
   * partition only. A later call begins at the beginning again.
   */
  List<ReceivedMessage> consume(String destination, int count, Duration timeout);

  /**
   * Hands every message of a destination to {@code handler}, from the beginning and endlessly, on a
   * thread of its own, until the returned handle is closed. Survives an outage of the broker.
   *
   * @param destination a queue; on Kafka a regular expression, and topics created later join in
   */
  Subscription subscribe(String destination, Consumer<ReceivedMessage> handler);

  /** An endless reader; closing it returns when the handler will not be called again. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}

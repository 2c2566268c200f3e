package io.outboxrelay.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A message broker for tests: creates destinations and reads their messages. */
public interface TestBroker extends TestService {
  /**
   * Returns the name that selects this broker in the relay's configuration: {@code kafka} or {@code
   * rabbitmq}.
   */
  String name();

  /**
   * Returns the connection settings of the broker's section in the relay's configuration, such as
   * {@code bootstrap.servers}. The caller adds the destination and other settings.
   */
  Map<String, Object> settings();

  /** Creates a new destination with default options; see {@link #newDestination(Map)}. */
  default String newDestination() {
    return newDestination(Map.of());
  }

  /**
   * Creates a destination with a new name, and returns the name. The destination is a topic on
   * Kafka, and a durable quorum queue on RabbitMQ.
   *
   * @param options Kafka: {@code partitions} (default 3), {@code replicas} (default 1); all others
   *     are topic settings, such as {@code max.message.bytes}. RabbitMQ: queue arguments, such as
   *     {@code x-queue-type}, {@code x-max-length}, {@code x-overflow}
   */
  String newDestination(Map<String, Object> options);

  /**
   * Reads a destination from its beginning until {@code count} messages have arrived or {@code
   * timeout} is over. Returns all messages that have arrived. They are fewer than {@code count}
   * after the timeout, and can be more, because several messages can arrive together.
   *
   * <p>Messages are in the order in which the broker delivers them; Kafka keeps the order only
   * within a partition. Each call begins at the beginning again.
   */
  List<ReceivedMessage> consume(String destination, int count, Duration timeout);

  /**
   * Passes every message of a destination to {@code handler}, from the beginning, on a thread of
   * its own, until the subscription is closed. The subscription continues after an outage of the
   * broker.
   *
   * @param destination a queue; on Kafka a regular expression, which also matches topics created
   *     later
   */
  Subscription subscribe(String destination, Consumer<ReceivedMessage> handler);

  /** A running subscription. When {@link #close()} returns, the handler is not called any more. */
  interface Subscription extends AutoCloseable {
    @Override
    void close();
  }
}

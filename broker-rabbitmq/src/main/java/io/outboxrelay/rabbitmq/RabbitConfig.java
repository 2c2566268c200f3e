package io.outboxrelay.rabbitmq;

import io.outboxrelay.messageformat.MessageFormats;
import io.outboxrelay.publish.HeaderTemplates;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.settings.Settings;
import java.time.Duration;

/**
 * The section {@code rabbitmq}.
 *
 * @param confirmTimeout the time without a confirm after which the connection is closed
 * @param maxMessageSize the largest payload to publish, in bytes. If a broker gets a larger message
 *     than it accepts, it closes the channel, and all unconfirmed events fail. The default is the
 *     limit of RabbitMQ since version 4.0
 */
record RabbitConfig(
    RabbitConnectionConfig connection,
    RabbitRouting routing,
    RabbitMessageConfig messages,
    Duration confirmTimeout,
    long maxMessageSize) {

  static RabbitConfig from(Settings in) {
    var config =
        new RabbitConfig(
            RabbitConnectionConfig.from(in),
            RabbitRouting.from(in),
            RabbitMessageConfig.from(in),
            in.duration("confirm-timeout", Duration.ofMinutes(1)),
            in.size("max-message-size", 16 << 20));
    config.check(in);
    return config;
  }

  private void check(Settings in) {
    requireMillis(in, "confirm-timeout", confirmTimeout);
    in.require(
        maxMessageSize >= 1 && maxMessageSize <= Integer.MAX_VALUE,
        "max-message-size",
        "must be at least 1B and less than 2GiB");
  }

  /** Records a mistake if the duration is too long for the client, which counts in milliseconds. */
  static void requireMillis(Settings in, String key, Duration duration) {
    in.require(
        duration.toMillis() >= 1 && duration.toMillis() <= Integer.MAX_VALUE,
        key,
        "must be at least 1ms and at most 24d");
  }

  /**
   * Returns a copy that sends every event to {@code destination}, see {@link RabbitRouting#to}.
   *
   * @throws IllegalArgumentException if {@code destination} names neither a queue nor an exchange
   */
  RabbitConfig redirectedTo(String destination) {
    return new RabbitConfig(
        connection, RabbitRouting.to(destination), messages, confirmTimeout, maxMessageSize);
  }

  /** Returns the nodes, which also name the broker in messages. */
  String address() {
    return connection.address();
  }

  String username() {
    return connection.login().username();
  }

  String virtualHost() {
    return connection.login().virtualHost();
  }

  MessageFormats formats() {
    return messages.formats();
  }

  HeaderTemplates headers() {
    return messages.headers();
  }

  String contentTypeOf(OutboxEvent event) {
    return messages.contentTypeOf(event);
  }
}

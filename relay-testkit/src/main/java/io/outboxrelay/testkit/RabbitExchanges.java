package io.outboxrelay.testkit;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.concurrent.TimeoutException;

/** Declares exchanges, and binds queues to them. */
final class RabbitExchanges {
  private final RabbitServer server;

  RabbitExchanges(RabbitServer server) {
    this.server = server;
  }

  void create(String name, BuiltinExchangeType type) {
    change("declare the exchange " + name, channel -> channel.exchangeDeclare(name, type, true));
  }

  void bind(String queue, String exchange, String routingKey) {
    change(
        "bind " + queue + " to the exchange " + exchange,
        channel -> channel.queueBind(queue, exchange, routingKey));
  }

  private interface Change {
    void on(Channel channel) throws IOException;
  }

  private void change(String what, Change change) {
    try (var connection = server.connect();
        var channel = connection.createChannel()) {
      change.on(channel);
    } catch (IOException | TimeoutException e) {
      throw new IllegalStateException("Could not " + what, e);
    }
  }
}

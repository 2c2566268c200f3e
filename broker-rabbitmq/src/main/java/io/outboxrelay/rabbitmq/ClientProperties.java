package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.ConnectionFactoryConfigurator;
import io.outboxrelay.settings.Settings;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The section {@code rabbitmq.properties}. It holds properties of the RabbitMQ client under the
 * client's own names, for matters for which the relay has no setting.
 *
 * <p>Properties that would break the relay's guarantees are not accepted. Examples are the client's
 * automatic recovery, because the relay must know every unconfirmed event of a lost connection, and
 * non-blocking sockets, because the relay writes from a thread of its own.
 */
record ClientProperties(Map<String, String> values) {
  private static final List<String> NAMES =
      List.of(
          ConnectionFactoryConfigurator.CONNECTION_CHANNEL_MAX,
          ConnectionFactoryConfigurator.CONNECTION_FRAME_MAX,
          ConnectionFactoryConfigurator.HANDSHAKE_TIMEOUT,
          ConnectionFactoryConfigurator.SHUTDOWN_TIMEOUT,
          ConnectionFactoryConfigurator.CHANNEL_RPC_TIMEOUT,
          ConnectionFactoryConfigurator.CHANNEL_SHOULD_CHECK_RPC_RESPONSE_TYPE);

  static ClientProperties from(Settings in) {
    var values = new TreeMap<>(in.rest(NAMES));
    values.forEach((name, value) -> check(in, name, value));
    String prefix = ConnectionFactoryConfigurator.CLIENT_PROPERTIES_PREFIX;
    in.section(prefix.substring(0, prefix.length() - 1))
        .rest()
        .forEach((name, value) -> values.put(prefix + name, value));
    return new ClientProperties(values);
  }

  private static void check(Settings in, String name, String value) {
    try {
      new ClientProperties(Map.of(name, value)).applyTo(new ConnectionFactory());
    } catch (IllegalArgumentException e) {
      in.require(false, name, "is refused by the RabbitMQ client: " + e.getMessage());
    }
  }

  void applyTo(ConnectionFactory factory) {
    ConnectionFactoryConfigurator.load(factory, values, "");
  }
}

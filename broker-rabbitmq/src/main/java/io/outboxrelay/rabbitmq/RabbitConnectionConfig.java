package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.Address;
import io.outboxrelay.settings.Settings;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The settings of connections to RabbitMQ; all connections of this process share them.
 *
 * @param tls empty if the URI does not begin with {@code amqps}
 * @param properties the properties of the RabbitMQ client
 */
record RabbitConnectionConfig(
    RabbitUri uri,
    RabbitLogin login,
    Duration timeout,
    Duration heartbeat,
    Optional<RabbitTls> tls,
    ClientProperties properties) {

  static RabbitConnectionConfig from(Settings in) {
    var uri = in.parsed("uri", RabbitUri::parse, RabbitUri.DEFAULT);
    var config =
        new RabbitConnectionConfig(
            uri,
            RabbitLogin.from(in, uri),
            in.duration("connection-timeout", Duration.ofSeconds(10)),
            in.duration("heartbeat", Duration.ofSeconds(10)),
            tls(in.section("tls"), uri),
            ClientProperties.from(in.section("properties")));
    config.check(in);
    return config;
  }

  private static Optional<RabbitTls> tls(Settings in, RabbitUri uri) {
    if (uri.encrypted()) {
      return Optional.of(RabbitTls.from(in));
    }
    in.refuse("is read with amqps:// in rabbitmq.uri only");
    return Optional.empty();
  }

  private void check(Settings in) {
    RabbitConfig.requireMillis(in, "connection-timeout", timeout);
    in.require(
        heartbeat.toMillis() % 1000 == 0
            && heartbeat.toSeconds() >= 1
            && heartbeat.toSeconds() <= 65_535,
        "heartbeat",
        "must be whole seconds, at least 1s and at most 65535s");
  }

  /** Returns the nodes, which also name the broker in messages. */
  String address() {
    return uri.addresses().stream().map(Address::toString).collect(Collectors.joining(","));
  }
}

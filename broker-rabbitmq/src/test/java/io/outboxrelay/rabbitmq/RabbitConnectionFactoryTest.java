package io.outboxrelay.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.settings.Settings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RabbitConnectionFactoryTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void closeVertx() {
    vertx.close().await();
  }

  @Test
  void aCertificateHasToNameTheHost() throws IOException {
    assertThat(verifiedBy(Map.of("uri", "amqps://rabbit"))).isEqualTo("HTTPS");
  }

  @Test
  void aCertificateNeedNotNameTheHostWhereThatIsSaid() throws IOException {
    assertThat(verifiedBy(Map.of("uri", "amqps://rabbit", "tls.verify-hostname", "false")))
        .isEmpty();
  }

  @Test
  void theRelayItselfConnectsAgain() {
    assertThat(factory(Map.of()).isAutomaticRecoveryEnabled()).isFalse();
  }

  @Test
  void settingsReachTheClient() {
    var factory =
        factory(
            Map.of(
                "uri", "amqp://relay:s3cret@rabbit/orders",
                "heartbeat", "7s",
                "connection-timeout", "3s",
                "properties.channel.rpc.timeout", "1234"));

    assertThat(factory.getUsername()).isEqualTo("relay");
    assertThat(factory.getPassword()).isEqualTo("s3cret");
    assertThat(factory.getVirtualHost()).isEqualTo("orders");
    assertThat(factory.getRequestedHeartbeat()).isEqualTo(7);
    assertThat(factory.getConnectionTimeout()).isEqualTo(3_000);
    assertThat(factory.getChannelRpcTimeout()).isEqualTo(1_234);
    assertThat(factory.isSSL()).isFalse();
  }

  /** Returns the algorithm with which the client verifies the host; empty if it does not. */
  private String verifiedBy(Map<String, ?> settings) throws IOException {
    try (var socket = (SSLSocket) SSLSocketFactory.getDefault().createSocket()) {
      factory(settings).getSocketConfigurator().configure(socket);
      var algorithm = socket.getSSLParameters().getEndpointIdentificationAlgorithm();
      return algorithm == null ? "" : algorithm;
    }
  }

  private RabbitConnectionFactory factory(Map<String, ?> settings) {
    return new RabbitConnectionFactory(vertx, RabbitConfig.from(Settings.of("test", settings)));
  }
}

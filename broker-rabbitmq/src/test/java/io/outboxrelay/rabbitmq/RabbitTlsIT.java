package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.publish.PublishException.Fatal;
import io.outboxrelay.publish.PublishException.Retryable;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With amqps, the certificate of the broker is verified. */
class RabbitTlsIT extends RabbitFixture {
  private String queue;
  private String uri;
  private String ca;

  @BeforeEach
  void findTheTlsListener() {
    assumeTrue(broker().controllable(), broker().origin());
    queue = broker().newDestination();
    uri = broker().tlsUri();
    ca = broker().certificate().toString();
  }

  @Test
  void aTrustedBrokerIsPublishedTo() {
    var publisher = connect(destinationSetting(queue), Map.of("uri", uri, "tls.ca", ca));

    await(publish(publisher, event(1, "order-1")));

    assertThat(consume(queue, 1)).hasSize(1);
  }

  @Test
  void aCertificateOfAnUnknownAuthorityIsFatal() {
    var connecting = connecting(destinationSetting(queue), Map.of("uri", uri));

    assertThatThrownBy(() -> await(connecting))
        .isInstanceOf(Fatal.class)
        .hasMessageContaining("is not trusted")
        .hasMessageContaining("rabbitmq.tls.ca");
  }

  @Test
  void aFileThatHoldsNoCertificateIsFatalAndNamed() {
    var connecting =
        connecting(
            destinationSetting(queue),
            Map.of("uri", uri, "tls.ca", ca, "tls.certificate", ca, "tls.key", ca));

    assertThatThrownBy(() -> await(connecting))
        .isInstanceOf(Fatal.class)
        .hasMessageContaining("rabbitmq.tls");
  }

  @Test
  void aBrokerThatDoesNotSpeakTlsIsRetryable() {
    var plain = "amqps://" + broker().host() + ":" + broker().port();

    var connecting = connecting(destinationSetting(queue), Map.of("uri", plain));

    assertThatThrownBy(() -> await(connecting)).isInstanceOf(Retryable.class);
  }
}

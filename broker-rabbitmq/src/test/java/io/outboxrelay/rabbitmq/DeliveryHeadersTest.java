package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.settings.Settings;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryHeadersTest {
  private static final Map<String, Object> SETTINGS =
      Map.of("expiration-header", "ttl", "priority-header", "urgency");

  @Test
  void headersSetExpirationAndPriority() {
    var properties = properties(SETTINGS, Map.of("ttl", "0060000", "urgency", "9"));

    assertThat(properties.getExpiration()).isEqualTo("60000");
    assertThat(properties.getPriority()).isEqualTo(9);
  }

  @Test
  void anEventWithoutThemHasNeither() {
    assertThat(properties(SETTINGS, Map.of()).getExpiration()).isNull();
    assertThat(properties(SETTINGS, Map.of()).getPriority()).isNull();
    assertThat(properties(Map.of(), Map.of("ttl", "1", "urgency", "9")).getExpiration())
        .as("not configured")
        .isNull();
  }

  @Test
  void cloudEventsHaveThemToo() {
    var settings = new HashMap<>(SETTINGS);
    settings.put("format", "cloudevents-structured");
    settings.put("headers", Map.of("tenant", "${headers.t}"));

    var properties = properties(settings, Map.of("ttl", "1000", "urgency", "0", "t", "acme"));

    assertThat(properties.getExpiration()).isEqualTo("1000");
    assertThat(properties.getPriority()).isZero();
    assertThat(properties.getHeaders()).containsEntry("tenant", "acme");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-1", "1.5", "4294967296", "99999999999", "60s"})
  void anExpirationThatRabbitMqWouldRefuseIsRejected(String ttl) {
    assertThatThrownBy(() -> properties(SETTINGS, Map.of("ttl", ttl)))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("its header ttl is \"%s\", and milliseconds".formatted(ttl))
        .hasMessageContaining("from 0 to 4294967295 was expected");
  }

  @ParameterizedTest
  @ValueSource(strings = {"256", "high", "-1"})
  void aPriorityThatRabbitMqWouldRefuseIsRejected(String urgency) {
    assertThatThrownBy(() -> properties(SETTINGS, Map.of("urgency", urgency)))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("its header urgency is \"%s\", and a priority".formatted(urgency));
  }

  private static BasicProperties properties(
      Map<String, Object> settings, Map<String, String> headers) {
    return new MessageFactory(RabbitConfig.from(Settings.of("test", settings)))
        .of(event(1, "order-1", headers))
        .properties();
  }
}

package io.outboxrelay.rabbitmq;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.ConnectionFactory;
import io.outboxrelay.settings.InvalidSettingsException;
import io.outboxrelay.settings.Secret;
import io.outboxrelay.settings.SettingProblem;
import io.outboxrelay.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RabbitConfigTest {
  @Test
  void nothingHasToBeSet() {
    var config = valid(Map.of());

    assertThat(config.address()).isEqualTo("localhost:5672");
    assertThat(config.connection().login().username()).isEqualTo("guest");
    assertThat(config.connection().login().password()).isEqualTo(new Secret("guest"));
    assertThat(config.connection().login().virtualHost()).isEqualTo("/");
    assertThat(config.connection().heartbeat()).isEqualTo(Duration.ofSeconds(10));
    assertThat(config.maxMessageSize()).isEqualTo(16 << 20);
    assertThat(config.connection().tls()).isEmpty();
    var event = event(1, "order-42");
    assertThat(config.routing().exchangeOf(event)).isEqualTo("order.events");
    assertThat(config.routing().routingKeyOf(event)).isEqualTo("OrderPlaced");
    assertThat(config.contentTypeOf(event)).isEqualTo("application/json");
  }

  @Test
  void headersOfAnEventSayItsDestination() {
    var config =
        valid(Map.of("exchange-header", "to-exchange", "routing-key-header", "to-routing-key"));
    var explicit = event(1, "order-1", Map.of("to-exchange", "x", "to-routing-key", "k"));

    assertThat(config.routing().exchangeOf(explicit)).isEqualTo("x");
    assertThat(config.routing().routingKeyOf(explicit)).isEqualTo("k");
    assertThat(config.routing().exchangeOf(event(1, "order-1"))).isEqualTo("order.events");
    assertThat(config.routing().onlyExchange()).isEmpty();
  }

  @Test
  void theOnlyExchangeIsKnownBeforeAnyEvent() {
    assertThat(valid(Map.of("exchange", "events")).routing().onlyExchange()).contains("events");
    assertThat(valid(Map.of()).routing().onlyExchange()).isEmpty();
  }

  @Test
  void theLoginMayBePartOfTheUri() {
    var config = valid(Map.of("uri", "amqp://relay:s3cret@rabbit/orders"));

    assertThat(config.connection().login().username()).isEqualTo("relay");
    assertThat(config.connection().login().password()).isEqualTo(new Secret("s3cret"));
    assertThat(config.connection().login().virtualHost()).isEqualTo("orders");
  }

  @Test
  void aLoginThatIsGivenTwiceIsAMistake() {
    var problems =
        problems(
            Map.of(
                "uri", "amqp://relay:hunter2@rabbit/orders",
                "username", "other",
                "password", "hunter2",
                "virtual-host", "/"));

    assertThat(problems)
        .extracting(SettingProblem::key)
        .containsExactlyInAnyOrder("username", "password", "virtual-host");
    assertThat(problems.toString()).doesNotContain("hunter2");
  }

  @Test
  void aUserNeedsAPassword() {
    assertThat(problems(Map.of("username", "relay")))
        .containsExactly(new SettingProblem("password", "", "is missing beside username"));
  }

  @Test
  void limitsAreChecked() {
    var problems =
        problems(
            Map.of(
                "heartbeat", "1500ms",
                "connection-timeout", "0ms",
                "confirm-timeout", "0s",
                "max-message-size", "2GiB"));

    assertThat(problems)
        .extracting(SettingProblem::key)
        .containsExactlyInAnyOrder(
            "heartbeat", "connection-timeout", "confirm-timeout", "max-message-size");
  }

  @Test
  void theCertificateIsCheckedUnlessSaidOtherwise(@TempDir Path directory) throws IOException {
    var file = Files.createFile(directory.resolve("ca.pem")).toString();

    var tls =
        valid(Map.of("uri", "amqps://rabbit", "tls.ca", file)).connection().tls().orElseThrow();

    assertThat(tls.verifyHostname()).isTrue();
    assertThat(tls.ca()).contains(Path.of(file));
  }

  @Test
  void aSectionTlsIsReadWithAmqpsOnly() {
    assertThat(problems(Map.of("uri", "amqp://rabbit", "tls.verify-hostname", "false")))
        .extracting(SettingProblem::key)
        .containsExactly("tls.verify-hostname");
  }

  @Test
  void aCertificateNeedsItsKey(@TempDir Path directory) throws IOException {
    var file = Files.createFile(directory.resolve("relay.pem")).toString();

    assertThat(problems(Map.of("uri", "amqps://rabbit", "tls.certificate", file)))
        .containsExactly(new SettingProblem("tls.key", "", "is missing beside certificate"));
  }

  @Test
  void propertiesReachTheClientUnderItsOwnNames() {
    var config =
        valid(
            Map.of(
                "properties.connection.channel.max", "7",
                "properties.client.properties.team", "orders"));
    var factory = new ConnectionFactory();

    config.connection().properties().applyTo(factory);

    assertThat(factory.getRequestedChannelMax()).isEqualTo(7);
    assertThat(factory.getClientProperties())
        .containsEntry("team", "orders")
        .containsKey("product");
  }

  @Test
  void aPropertyThatTheClientRefusesIsAMistake() {
    assertThat(problems(Map.of("properties.channel.rpc.timeout", "soon")))
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.key()).isEqualTo("properties.channel.rpc.timeout");
              assertThat(problem.message()).contains("is refused by the RabbitMQ client");
            });
  }

  @Test
  void propertiesThatWouldBreakAGuaranteeAreNotPassedOn() {
    assertThat(problems(Map.of("properties.connection.recovery.enabled", "true")))
        .extracting(SettingProblem::key)
        .containsExactly("properties.connection.recovery.enabled");
  }

  @Test
  void noSecretIsPrinted() {
    assertThat(valid(Map.of("uri", "amqp://relay:hunter2@rabbit")).toString())
        .contains("relay")
        .doesNotContain("hunter2");
  }

  private static RabbitConfig valid(Map<String, ?> values) {
    var settings = Settings.of("test", values);
    var config = RabbitConfig.from(settings);
    settings.verify();
    return config;
  }

  private static List<SettingProblem> problems(Map<String, ?> values) {
    try {
      valid(values);
    } catch (InvalidSettingsException e) {
      return e.problems();
    }
    throw new AssertionError("no mistake was found in " + values);
  }
}

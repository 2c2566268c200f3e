package io.outboxrelay.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.publish.Events;
import io.outboxrelay.settings.SettingProblems;
import io.outboxrelay.settings.Settings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KafkaConfigTest {
  /** Any file that exists, because a missing trust store is a mistake in the settings. */
  private static final String TRUST_STORE = Path.of("pom.xml").toAbsolutePath().toString();

  @Test
  void aMinimalSectionIsOneAddress() {
    var config = config(Map.of());

    assertThat(config.topicOf(Events.event(1, "order-42"))).isEqualTo("order.events");
    assertThat(config.contentTypeOf(Events.event(1, "order-42"))).isEqualTo("application/json");
    assertThat(config.producer().forProducer())
        .containsEntry("bootstrap.servers", "localhost:9092")
        .containsEntry("acks", "all")
        .containsEntry("enable.idempotence", "true")
        .containsEntry("max.in.flight.requests.per.connection", "1");
  }

  @Test
  void theTopicHeaderWinsWhereTheEventHasIt() {
    var config = config(Map.of("topic", "orders", "topic-header", "to"));

    assertThat(config.topicOf(Events.event(1, "order-1", Map.of("to", "vip")))).isEqualTo("vip");
    assertThat(config.topicOf(Events.event(1, "order-1"))).isEqualTo("orders");
  }

  @Test
  void theContentTypeCanBeCalledSomethingElse() {
    var config = config(Map.of("content-type", "application/cloudevents+json"));

    assertThat(config.contentTypeOf(Events.event(1, "order-1")))
        .isEqualTo("application/cloudevents+json");
  }

  @Test
  void aRecordHasTheTimeOfItsEventOrThatOfItsSending() {
    var event = Events.event(1, "order-1");

    var ofTheEvent = new MessageFactory(config(Map.of())).of(event, "orders");
    var ofTheSending =
        new MessageFactory(config(Map.of("timestamp", "publish"))).of(event, "orders");

    assertThat(ofTheEvent.timestamp()).isEqualTo(event.createdAt().toEpochMilli());
    assertThat(ofTheSending.timestamp()).as("left to the client").isNull();
  }

  @Test
  void producerPropertiesPassThroughUntouched() {
    var config =
        config(
            Map.of(
                "linger.ms", 7,
                "compression.type", "lz4",
                "delivery.timeout.ms", 60_000,
                "security.protocol", "SASL_SSL",
                "ssl.truststore.location", TRUST_STORE,
                "ssl.truststore.type", "PEM",
                "sasl.mechanism", "SCRAM-SHA-512"));

    assertThat(config.producer().forProducer())
        .containsEntry("linger.ms", "7")
        .containsEntry("compression.type", "lz4")
        .containsEntry("delivery.timeout.ms", "60000")
        .containsEntry("security.protocol", "SASL_SSL")
        .containsEntry("ssl.truststore.location", TRUST_STORE)
        .containsEntry("ssl.truststore.type", "PEM")
        .containsEntry("sasl.mechanism", "SCRAM-SHA-512");
  }

  @Test
  void theAdminClientHasTlsAndLoginOfTheProducer() {
    var config =
        config(
            Map.of(
                "linger.ms",
                7,
                "security.protocol",
                "SSL",
                "ssl.truststore.location",
                TRUST_STORE));

    assertThat(config.producer().forAdmin(1_000))
        .containsEntry("security.protocol", "SSL")
        .containsEntry("ssl.truststore.location", TRUST_STORE)
        .doesNotContainKeys("linger.ms", "acks");
  }

  @Test
  void propertiesOfAPlugInPassThroughUnchecked() {
    var config = config(Map.of("properties", Map.of("plugin.url", "http://x", "linger.ms", "9")));

    assertThat(config.producer().forProducer())
        .containsEntry("plugin.url", "http://x")
        .containsEntry("linger.ms", "9");
  }

  @Test
  void everyProducerHasAClientIdOfItsOwn() {
    var producer = config(Map.of("client.id", "orders-relay")).producer();

    var one = producer.forProducer().get("client.id");
    var other = producer.forProducer().get("client.id");

    assertThat(List.of(one, other)).doesNotHaveDuplicates();
    assertThat(one).asString().startsWith("orders-relay-");
  }

  @Test
  void mistakesAreReportedAllAtOnce() {
    assertThat(
            problems(
                Map.of(
                    "bootstrap.servers", "localhost",
                    "acks", "1",
                    "linger.ms", "soon",
                    "compression.type", "zip",
                    "topic", "${aggregate}.events",
                    "retires", 5)))
        .containsOnlyKeys(
            "bootstrap.servers", "acks", "linger.ms", "compression.type", "topic", "retires");
  }

  @Test
  void propertiesThatWouldLoseOrReorderEventsAreMistakes() {
    assertThat(
            problems(
                Map.of(
                    "acks", "0",
                    "enable.idempotence", false,
                    "max.in.flight.requests.per.connection", 5,
                    "partitioner.ignore.keys", true,
                    "partitioner.class", "org.apache.kafka.clients.producer.RoundRobinPartitioner",
                    "transactional.id", "relay",
                    "key.serializer", "com.example.Keys",
                    "value.serializer", "com.example.Values")))
        .hasSize(8)
        .containsEntry("acks", "must be all, or an event that Kafka has confirmed can be lost");
  }

  @Test
  void soItIsBelowProperties() {
    assertThat(problems(Map.of("properties.acks", "1"))).containsOnlyKeys("properties.acks");
  }

  @Test
  void propertiesThatDoNotFitTogetherAreAMistake() {
    assertThat(
            problems(
                Map.of(
                    "delivery.timeout.ms", 1_000, "linger.ms", 500, "request.timeout.ms", 30_000)))
        .hasSize(1)
        .containsEntry("delivery.timeout.ms", "must be at least linger.ms + request.timeout.ms");
    assertThat(problems(Map.of("retries", 0)))
        .hasSize(1)
        .hasEntrySatisfying("retries", message -> assertThat(message).contains("retries"));
  }

  @Test
  void anAddressIsNeeded() {
    assertThatThrownBy(() -> verify(Map.of("topic", "orders")))
        .hasMessageContaining("bootstrap.servers")
        .hasMessageContaining("is missing");
  }

  @Test
  void aMisspeltPropertyIsGuessed() {
    assertThatThrownBy(() -> verify(Map.of("bootstrap-server", "localhost:9092")))
        .hasMessageContaining("did you mean bootstrap.servers?");
    assertThatThrownBy(
            () -> verify(Map.of("bootstrap.servers", "localhost:9092", "linger-ms", "5")))
        .hasMessageContaining("did you mean linger.ms?");
  }

  @Test
  void noSecretIsShownInAMistakeOrAText() {
    var secrets =
        Map.<String, Object>of(
            "sasl.jaas.config", "hunter2",
            "ssl.key.password", "hunter2",
            "properties.token", "hunter2",
            "acks", "1");

    assertThatThrownBy(() -> verify(with(secrets))).message().doesNotContain("hunter2");
    assertThat(config(Map.of("sasl.jaas.config", "hunter2")).toString()).doesNotContain("hunter2");
  }

  private static KafkaConfig config(Map<String, Object> more) {
    return verify(with(more));
  }

  private static Map<String, String> problems(Map<String, Object> more) {
    return SettingProblems.of(() -> verify(with(more)));
  }

  private static Map<String, Object> with(Map<String, Object> more) {
    var all = new HashMap<String, Object>();
    all.put("bootstrap.servers", "localhost:9092");
    all.putAll(more);
    return all;
  }

  private static KafkaConfig verify(Map<String, Object> values) {
    var settings = Settings.of("test", values);
    var config = KafkaConfig.from(settings);
    settings.verify();
    return config;
  }
}

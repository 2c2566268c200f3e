package io.outboxrelay.kafka;

import io.outboxrelay.publish.Feature;
import io.outboxrelay.publish.PublisherContract;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.TestBroker;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The Kafka publisher passes the contract of every publisher. */
class KafkaPublisherIT extends PublisherContract {
  private static KafkaServer kafka;

  @BeforeAll
  static void startABrokerThatCreatesNoTopics() {
    kafka = KafkaServer.builder().setting("auto.create.topics.enable", false).start();
  }

  @AfterAll
  static void stopIt() {
    kafka.close();
  }

  @Override
  protected TestBroker broker() {
    return kafka;
  }

  @Override
  protected PublisherProvider provider() {
    return new KafkaPublisherProvider();
  }

  @Override
  protected Set<Feature> features() {
    return EnumSet.allOf(Feature.class);
  }

  @Override
  protected Map<String, Object> destinationSetting(String template) {
    return Map.of("topic", template);
  }

  @Override
  protected Map<String, Object> headerSetting(String name) {
    return Map.of("topic-header", name);
  }

  @Override
  protected Map<String, Object> addressSetting(String host, int port) {
    return Map.of("bootstrap.servers", host + ":" + port);
  }

  @Override
  protected Map<String, Object> secretSettings(String secret) {
    return Map.of(
        "sasl.jaas.config", "PlainLoginModule required password=\"" + secret + "\";",
        "ssl.keystore.password", secret,
        "ssl.key.password", secret,
        "ssl.truststore.password", secret,
        "properties.plugin.token", secret);
  }

  @Override
  protected int tooLarge() {
    return 1_200_000;
  }
}

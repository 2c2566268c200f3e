package io.outboxrelay.kafka;

import io.outboxrelay.publish.Feature;
import io.outboxrelay.publish.PublisherContract;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.TestBroker;
import java.util.Map;
import java.util.Set;

/** Kafka keeps what every publisher promises. */
class KafkaPublisherIT extends PublisherContract {
  @Override
  protected TestBroker broker() {
    return KafkaServer.shared();
  }

  @Override
  protected PublisherProvider provider() {
    return new KafkaPublisherProvider();
  }

  /**
   * The shared server creates missing topics, as Kafka does by default: see {@link KafkaTopicsIT}.
   */
  @Override
  protected Set<Feature> features() {
    return Set.of(Feature.TOMBSTONES, Feature.DESTINATION_HEADER, Feature.SIZE_LIMIT);
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

package io.outboxrelay.kafka;

import io.outboxrelay.publish.PublisherFixture;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.TestBroker;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;

/** Publishers to a Kafka server; each test class starts the server with the settings it needs. */
abstract class KafkaFixture extends PublisherFixture {
  /** Each test class sets it before its tests; test classes run one after another. */
  @SuppressWarnings("NullAway.Init")
  protected static KafkaServer kafka;

  @AfterAll
  static void stopKafka() {
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
  protected Map<String, Object> destinationSetting(String template) {
    return Map.of("topic", template);
  }
}

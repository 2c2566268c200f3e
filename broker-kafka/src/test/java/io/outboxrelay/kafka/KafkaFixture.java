package io.outboxrelay.kafka;

import io.outboxrelay.publish.PublisherFixture;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.TestBroker;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;

/** Publishers to a Kafka server that each class of tests starts as it needs it. */
abstract class KafkaFixture extends PublisherFixture {
  /** Is set by the class of tests, before all of them; classes run one after another. */
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

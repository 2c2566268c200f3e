package io.outboxrelay.kafka;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.publish.PublisherFixture;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.TestBroker;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
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

  List<Future<Void>> publishTogether(Publisher publisher, OutboxEvent... events) {
    return await(
        onContext(
            () -> {
              var published = new ArrayList<Future<Void>>();
              for (var event : events) {
                published.add(publisher.publish(event));
              }
              return Future.succeededFuture(published);
            }));
  }
}

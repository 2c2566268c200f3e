package io.outboxrelay.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.PublisherFixture;
import io.outboxrelay.publish.PublisherProvider;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.TestBroker;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A broker that creates the topics it is asked for. */
class KafkaAutoCreationIT extends PublisherFixture {
  private static KafkaServer kafka;

  @BeforeAll
  static void startABrokerThatCreatesTopics() {
    kafka = KafkaServer.builder().setting("auto.create.topics.enable", true).start();
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
  protected Map<String, Object> destinationSetting(String template) {
    return Map.of("topic", template);
  }

  @Test
  void anUnknownTopicIsCreatedAndGetsItsEventsInOrder() {
    String topic = "new-" + UUID.randomUUID();
    var events = Events.interleaved(200, 5);

    var outcome = publishLikeTheRelay(connect(destinationSetting(topic)), events);

    assertThat(outcome.confirmed()).hasSize(200);
    assertThat(consume(topic, 200)).hasSize(200);
  }
}

package io.outboxrelay.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.publish.Events;
import io.outboxrelay.testkit.KafkaServer;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The broker creates a topic automatically if a producer looks it up. */
class KafkaAutoCreationIT extends KafkaFixture {
  @BeforeAll
  static void startABrokerThatCreatesTopics() {
    kafka = KafkaServer.builder().setting("auto.create.topics.enable", true).start();
  }

  @Test
  void anUnknownTopicIsCreatedAndGetsItsEventsInOrder() {
    String topic = "new-" + UUID.randomUUID();
    var events = Events.interleaved(200, 5);

    var outcome = publishLikeTheRelay(connect(destinationSetting(topic)), events);

    assertThat(outcome.confirmed()).hasSize(200);
    assertThat(consume(topic, 200)).hasSize(200);
  }

  @Test
  void anEventThatIsWarmedUpHasItsTopicLookedUpAndIsNotSent() throws Exception {
    String topic = "anticipated-" + UUID.randomUUID();
    var events = Events.interleaved(2, 1);
    var publisher = connect(destinationSetting(topic));

    publisher.warmUp(events.get(0));

    try (var admin = Admin.create(Map.copyOf(kafka.settings()))) {
      // The look-up by the warm-up makes this broker create the topic.
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> admin.listTopics().names().get().contains(topic));
    }
    await(publisher.publish(events.get(1)));
    assertThat(consume(topic, 1))
        .singleElement()
        .extracting(message -> message.headers().get("event-id"))
        .isEqualTo(events.get(1).id().toString());
  }
}

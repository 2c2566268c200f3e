package io.outboxrelay.kafka;

import static io.outboxrelay.publish.Events.event;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.testkit.KafkaServer;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A topic is changed while the relay publishes to it, so that it does not accept an event any more.
 * The event is rejected with the reason, and an event of another topic is not. After the change is
 * undone, the topic accepts the event.
 */
class KafkaTopicChangesIT extends KafkaFixture {
  private static final Map<String, Object> IMPATIENT =
      Map.of("delivery.timeout.ms", 2_500, "request.timeout.ms", 2_000, "linger.ms", 0);

  @BeforeAll
  static void startABroker() {
    kafka = KafkaServer.builder().start();
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        Arguments.of("max.message.bytes", "500", "max.message.bytes"),
        Arguments.of("cleanup.policy", "compact", "is compacted"));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void anEventThatIsNotTakenAnyMoreIsRejectedAloneAndArrivesOnceTheChangeIsUndone(
      String setting, String value, String reason) throws Exception {
    String topic = kafka.newDestination();
    String other = kafka.newDestination();
    var publisher = connect(destinationSetting("${headers.to}"), settings());
    await(publish(publisher, large(1, topic)));

    TopicSettings.set(kafka, topic, setting, value);
    // The broker acknowledges a change before it applies it.
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              var refused = publish(publisher, large(2, topic));
              assertThatThrownBy(() -> await(refused))
                  .isInstanceOf(Rejected.class)
                  .hasMessageContaining(reason);
            });
    retried(publisher, event(3, "order-3", Map.of("to", other, "key", "k")));
    TopicSettings.reset(kafka, topic, setting);
    retried(publisher, large(2, topic));
    assertThat(consume(topic, 2))
        .extracting(message -> message.headers().get("event-sequence"))
        .contains("1", "2");
  }

  private static Map<String, Object> settings() {
    var settings = new HashMap<>(IMPATIENT);
    settings.put("key", "${headers.key}");
    return settings;
  }

  /** Publishes again until the event is confirmed, as the relay does. */
  private void retried(Publisher publisher, OutboxEvent event) {
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () -> {
              await(publish(publisher, event));
              return true;
            });
  }

  private static OutboxEvent large(long seq, String topic) {
    return event(seq, "order-1", Map.of("to", topic, "large", "x".repeat(1_000)));
  }
}

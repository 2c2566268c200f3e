package io.outboxrelay.kafka;

import static io.outboxrelay.publish.Events.event;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Retryable;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.ReceivedMessage;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One of two brokers is down, and a topic requires both replicas in sync. */
class KafkaReplicasIT extends KafkaFixture {
  private KafkaServer second;

  @BeforeEach
  void startTwoBrokers() {
    kafka = KafkaServer.start();
    assumeTrue(kafka.isLocal(), "a second broker is a process beside the first");
    second = kafka.join();
    kafka.awaitBrokers(2);
  }

  @AfterEach
  void stopThem() {
    if (second != null) {
      second.close();
    }
    kafka.close();
  }

  @Test
  void itsEventsWaitAndFailByThemselvesWhileOthersFlow() {
    String both = kafka.newDestination(Map.of("replicas", 2, "min.insync.replicas", 2));
    var publisher = connect(destinationSetting("${headers.to}"));
    await(publish(publisher, to(both, 1)));
    second.kill();
    kafka.awaitBrokers(1);
    String one = kafka.newDestination();

    var waiting = new ArrayList<Future<Void>>();
    for (int seq = 2; seq <= 50; seq++) {
      waiting.add(publish(publisher, to(both, seq)));
    }
    int delivered = 0;
    while (!waiting.stream().allMatch(Future::isComplete)) {
      // The events that are in flight together with it fail once and are then published.
      publishLikeTheRelay(publisher, List.of(to(one, ++delivered)));
    }

    for (var event : waiting) {
      assertThatThrownBy(() -> await(event)).isInstanceOf(Retryable.class);
    }
    assertThatThrownBy(() -> await(publish(publisher, to(both, 2))))
        .isInstanceOf(Retryable.class)
        .hasMessageContaining("for the topic " + both)
        .hasMessageContaining("enough replicas in sync");

    second.restart();
    var events = new ArrayList<OutboxEvent>();
    for (int seq = 2; seq <= 50; seq++) {
      events.add(to(both, seq));
    }
    assertThat(publishLikeTheRelay(publisher, events).confirmed()).hasSize(49);
    assertThat(firstArrivals(consume(both, 50))).hasSize(50).isSorted();
  }

  /** Such an outage can be ended without a change of the events, so no event is rejected. */
  @Test
  void raisingTheMinimumAboveTheReplicasInSyncIsAnOutageAndRejectsNothing() throws Exception {
    String both = kafka.newDestination(Map.of("replicas", 2, "min.insync.replicas", 1));
    var publisher =
        connect(
            destinationSetting(both),
            Map.of("delivery.timeout.ms", 3_000, "request.timeout.ms", 2_000, "linger.ms", 0));
    second.kill();
    kafka.awaitBrokers(1);
    publishLikeTheRelay(publisher, List.of(to(both, 1)));

    minimumInSync(both, 2);
    var failures = new CopyOnWriteArrayList<Throwable>();
    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () -> {
              // The broker acknowledges a change before it applies it.
              await(publish(publisher, to(both, 2)).onFailure(failures::add).otherwiseEmpty());
              return !failures.isEmpty();
            });
    minimumInSync(both, 1);

    assertThat(failures).singleElement().isInstanceOf(Retryable.class);
    assertThat(publishLikeTheRelay(publisher, List.of(to(both, 3))).confirmed()).hasSize(1);
  }

  /**
   * The documents state this limit: events of one aggregate are in order in each topic but not
   * across topics, because a topic that accepts events does not wait for another.
   */
  @Test
  void eventsOfOneAggregateInTwoTopicsAreInOrderInEachTopicOnly() throws Exception {
    String waits = kafka.newDestination(Map.of("replicas", 2, "min.insync.replicas", 2));
    var publisher = connect(destinationSetting("${headers.to}"));
    await(publish(publisher, event(1, "order-1", Map.of("to", waits))));
    second.kill();
    kafka.awaitBrokers(1);
    String flows = kafka.newDestination();

    var waiting = publish(publisher, event(2, "order-1", Map.of("to", waits)));
    var third = publish(publisher, event(3, "order-1", Map.of("to", flows)));
    var fourth = publish(publisher, event(4, "order-1", Map.of("to", waits)));
    var fifth = publish(publisher, event(5, "order-1", Map.of("to", flows)));
    await(third);
    await(fifth);
    assertThat(waiting.isComplete()).as("event 2, which 3 and 5 have overtaken").isFalse();
    assertThat(fourth.isComplete()).isFalse();

    second.restart();
    await(waiting.otherwiseEmpty());
    await(fourth.otherwiseEmpty());
    publishLikeTheRelay(
        publisher,
        List.of(
            event(2, "order-1", Map.of("to", waits)), event(4, "order-1", Map.of("to", waits))));
    // Some may have arrived twice, because they were published again while their outcome was
    // unknown.
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(firstArrivals(kafka.consume(waits, 10, Duration.ofSeconds(2))))
                    .containsExactly(1, 2, 4));
    assertThat(firstArrivals(consume(flows, 2))).containsExactly(3, 5);
  }

  private static List<Integer> firstArrivals(List<ReceivedMessage> messages) {
    return messages.stream()
        .map(message -> Integer.parseInt(message.headers().get("event-sequence")))
        .distinct()
        .toList();
  }

  private static void minimumInSync(String topic, int replicas) throws Exception {
    TopicSettings.set(kafka, topic, "min.insync.replicas", Integer.toString(replicas));
  }

  private static OutboxEvent to(String topic, int seq) {
    return event(seq, "order-of-" + topic, Map.of("to", topic));
  }
}

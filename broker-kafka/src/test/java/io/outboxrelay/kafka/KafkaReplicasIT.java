package io.outboxrelay.kafka;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Retryable;
import io.outboxrelay.testkit.KafkaServer;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One of two brokers is away, and a topic wants both. */
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
      // The events in flight beside it fail once and are then published.
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
    var seen =
        consume(both, 50).stream()
            .map(message -> Integer.parseInt(message.headers().get("event-sequence")))
            .distinct()
            .toList();
    assertThat(seen).hasSize(50).isSorted();
  }

  private static OutboxEvent to(String topic, int seq) {
    return event(seq, "order-of-" + topic, Map.of("to", topic));
  }
}

package io.outboxrelay.kafka;

import static io.outboxrelay.publish.Events.event;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Retryable;
import io.outboxrelay.testkit.KafkaServer;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The relay may not write to one topic, and may write to others. */
class KafkaAclsIT extends KafkaFixture {
  private static final Map<String, Object> BY_HEADER = Map.of("topic", "${headers.to}");

  private String open;
  private String denied;

  @BeforeAll
  static void startABrokerWithAccessRules() {
    kafka = KafkaServer.builder().withRights().start();
    assumeTrue(kafka.controllable(), "the permissions of a Kafka that runs already are not known");
  }

  @BeforeEach
  void createTopics() {
    open = kafka.newDestination();
    denied = kafka.newDestination();
  }

  /** The relay sees the topic, so only the broker's answer to a record tells that it is denied. */
  @Test
  void oneThatMayOnlyBeDescribedInterruptsNoOtherOnceItIsKnown() {
    kafka.allowOnlyToDescribe(denied);
    assertNoOtherIsInterrupted();
  }

  @Test
  void oneThatMayNotEvenBeSeenInterruptsNoOther() {
    kafka.allowNothing(denied);
    assertNoOtherIsInterrupted();
  }

  private void assertNoOtherIsInterrupted() {
    var publisher = connect(BY_HEADER, kafka.passwordSettings());
    assertDenied(publish(publisher, to(denied, 1)));

    var refused = new ArrayList<Future<Void>>();
    var delivered = new ArrayList<Future<Void>>();
    for (int seq = 2; seq < 1_000; seq += 2) {
      refused.add(publish(publisher, to(denied, seq)));
      delivered.add(publish(publisher, to(open, seq + 1)));
    }

    await(Future.all(delivered));
    refused.forEach(this::assertDenied);
    assertThat(consume(open, delivered.size())).hasSize(delivered.size());
  }

  @Test
  void eventsThatWereInFlightWithItArriveAllTheSame() {
    kafka.allowOnlyToDescribe(denied);
    var publisher = connect(BY_HEADER, kafka.passwordSettings());
    var events = new ArrayList<OutboxEvent>();
    for (int seq = 1; seq <= 500; seq++) {
      events.add(to(open, seq));
    }
    var refused = publish(publisher, to(denied, 1_000));

    var outcome = publishLikeTheRelay(publisher, events);

    assertDenied(refused);
    assertThat(outcome.confirmed()).hasSize(500);
  }

  @Test
  void itIsUsedOnceItIsAllowed() {
    kafka.allowOnlyToDescribe(denied);
    var publisher = connect(BY_HEADER, kafka.passwordSettings());
    assertDenied(publish(publisher, to(denied, 1)));
    assertDenied(publish(publisher, to(denied, 1)));

    kafka.allowEverything(denied);

    var outcome = publishLikeTheRelay(publisher, List.of(to(denied, 1), to(denied, 2)));
    assertThat(outcome.confirmed()).hasSize(2);
  }

  @Test
  void checkingSaysSo() {
    kafka.allowOnlyToDescribe(denied);

    var findings = check(List.of(), Map.of("topic", denied), kafka.passwordSettings());

    assertThat(findings)
        .filteredOn(finding -> finding.level() == Finding.Level.PROBLEM)
        .singleElement()
        .satisfies(
            finding ->
                assertThat(finding.text()).contains(denied, "the relay may not write to it"));
  }

  private static OutboxEvent to(String topic, int seq) {
    return event(seq, "order-" + seq + topic, Map.of("to", topic));
  }

  private void assertDenied(Future<Void> published) {
    assertThatThrownBy(() -> await(published))
        .isInstanceOf(Retryable.class)
        .hasMessageContaining("not allowed to write to the topic " + denied);
  }
}

package io.outboxrelay.kafka;

import static io.outboxrelay.publish.Events.event;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.Finding;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.publish.PublishException.Retryable;
import io.outboxrelay.settings.InvalidSettingsException;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.ReceivedMessage;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Kafka refuses an event, or does not know its topic; the events around it have their outcomes. */
class KafkaTopicsIT extends KafkaFixture {
  @BeforeAll
  static void startABrokerThatCreatesNoTopics() {
    kafka = KafkaServer.builder().setting("auto.create.topics.enable", false).start();
  }

  @Test
  void anUnknownTopicHoldsUpNoOther() throws Exception {
    String topic = kafka.newDestination();
    var publisher = connect(destinationSetting("${headers.to}"), Map.of("max.block.ms", 1_000));
    var lost = new ArrayList<Future<Void>>();
    var delivered = new ArrayList<Future<Void>>();
    for (int i = 0; i < 100; i++) {
      lost.add(publish(publisher, event(i, "lost-" + i, Map.of("to", "nowhere"))));
      delivered.add(publish(publisher, event(i, "order-" + i, Map.of("to", topic))));
    }

    Future.all(delivered).await(20, SECONDS);

    for (var event : lost) {
      assertThatThrownBy(() -> await(event))
          .isInstanceOf(Retryable.class)
          .hasMessageContaining("the topic nowhere is not known");
    }
  }

  @Test
  void manyUnknownTopicsDoNotHoldUpAKnownOne() throws Exception {
    String topic = kafka.newDestination();
    var publisher = connect(destinationSetting("${headers.to}"), Map.of("max.block.ms", 20_000));
    var lost = new ArrayList<Future<Void>>();
    for (int i = 0; i < 40; i++) {
      lost.add(publish(publisher, event(i, "lost-" + i, Map.of("to", "ghost-" + i))));
    }

    await(publish(publisher, event(100, "order-1", Map.of("to", topic))));

    assertThat(lost).noneMatch(Future::isComplete);
  }

  /** Each look-up of an unknown topic blocks one thread for seconds. */
  @Test
  void hundredsOfUnknownTopicsDoNotDelayOneThatAppears() throws Exception {
    var publisher = connect(destinationSetting("${headers.to}"), Map.of("max.block.ms", 1_000));
    var lost = new ArrayList<Future<Void>>();
    for (int i = 0; i < 500; i++) {
      lost.add(publish(publisher, event(i, "lost-" + i, Map.of("to", "spectre-" + i))));
    }
    lost.forEach(event -> assertThatThrownBy(() -> await(event)).isInstanceOf(Retryable.class));

    create("spectre-499");
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              for (int i = 0; i < 499; i++) {
                publish(publisher, event(i, "lost-" + i, Map.of("to", "spectre-" + i)));
              }
              return await(
                  publish(publisher, event(499, "lost-499", Map.of("to", "spectre-499")))
                      .map(true)
                      .recover(no -> Future.succeededFuture(false)));
            });
  }

  /** The order of an aggregate is not kept across such a change, so the relay logs a warning. */
  @Test
  void partitionsThatAreAddedWhileItRunsAreNoticed() throws Exception {
    String topic = kafka.newDestination(Map.of("partitions", 1));
    var publisher = connect(destinationSetting(topic), Map.of("metadata.max.age.ms", 500));
    await(publish(publisher, event(1, "order-1")));
    var logger = (Logger) LoggerFactory.getLogger(PartitionGrowth.class);
    var lines = new ListAppender<ILoggingEvent>();
    lines.start();
    logger.addAppender(lines);
    try (var admin = Admin.create(kafka.settings())) {
      admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(12))).all().get(20, SECONDS);
      var seq = new AtomicLong(1);
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                long next = seq.incrementAndGet();
                await(publish(publisher, event(next, "order-" + next)));
                return List.copyOf(lines.list).stream()
                    .map(ILoggingEvent::getFormattedMessage)
                    .anyMatch(line -> line.contains("the topic " + topic + " had 1 partitions"));
              });
    } finally {
      logger.detachAppender(lines);
    }
  }

  @Test
  void anAggregateWaitsBehindItsEventForAnUnknownTopic() throws Exception {
    String topic = kafka.newDestination();
    var publisher = connect(destinationSetting("${headers.to}"), Map.of("max.block.ms", 500));

    var first = publish(publisher, event(1, "order-1", Map.of("to", "nowhere")));
    var second = publish(publisher, event(2, "order-1", Map.of("to", topic)));

    assertThatThrownBy(() -> await(first)).hasMessageContaining("the topic nowhere is not known");
    assertThatThrownBy(() -> await(second)).hasMessageContaining("not sent, because event 1");
    await(publish(publisher, event(3, "order-2", Map.of("to", topic))));
    assertThat(sequences(topic, 1)).containsExactly("3");
  }

  @Test
  void onlyTheRefusedRecordOfABatchIsRejected() {
    String topic =
        kafka.newDestination(Map.of("partitions", 1, "message.timestamp.before.max.ms", 60_000));
    var publisher = connect(destinationSetting(topic), Map.of("linger.ms", 500));
    var old = Events.writtenAt(Instant.now().minusSeconds(3_600), 2, "order-2");
    var before = Events.writtenAt(Instant.now(), 1, "order-1");
    var after = Events.writtenAt(Instant.now(), 3, "order-3");

    var published = publishTogether(publisher, before, old, after);

    assertThatThrownBy(() -> await(published.get(1)))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("does not accept it");
    assertThatThrownBy(() -> await(published.get(0))).isInstanceOf(Retryable.class);
    assertThat(publishLikeTheRelay(publisher, List.of(before, after)).rejected()).isEmpty();
    assertThat(sequences(topic, 2)).containsExactlyInAnyOrder("1", "3");
  }

  @Test
  void onlyTheMessageWithoutAKeyIsRejectedByACompactedTopic() {
    String topic = kafka.newDestination(Map.of("partitions", 1, "cleanup.policy", "compact"));
    var publisher =
        connect(destinationSetting(topic), Map.of("key", "${headers.key}", "linger.ms", 500));
    var before = event(1, "order-1", Map.of("key", "a"));
    var keyless = event(2, "order-2");
    var after = event(3, "order-3", Map.of("key", "b"));

    var outcome = publishLikeTheRelay(publisher, List.of(before, keyless, after));

    assertThat(outcome.rejected()).containsOnlyKeys(keyless);
    assertThat(outcome.rejected().get(keyless)).hasMessageContaining("is compacted");
    assertThat(outcome.confirmed()).containsExactlyInAnyOrder(before, after);
  }

  @Test
  void anUnknownTopicIsUsedOnceItAppears() throws Exception {
    String topic = kafka.newDestination();
    String later = topic + "-later";
    var publisher = connect(destinationSetting(later), Map.of("max.block.ms", 500));
    assertThatThrownBy(() -> await(publish(publisher, event(1, "order-1"))))
        .isInstanceOf(Retryable.class);

    create(later);

    var outcome = publishLikeTheRelay(publisher, Events.interleaved(20, 2));
    assertThat(outcome.confirmed()).hasSize(20);
  }

  @Test
  void anImpossibleTopicIsRejected() {
    var publisher = connect(destinationSetting("no topic/of: this name"));

    assertThatThrownBy(() -> await(publish(publisher, event(1, "order-1"))))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("\"no topic/of: this name\"");
  }

  @Test
  void eventsBehindOneThatIsTooLargeWaitUntilTheCallerKnows() {
    String topic = kafka.newDestination();
    var publisher = connect(destinationSetting(topic), Map.of("max.request.size", 20_000));
    var large = event(2, "order-1", Buffer.buffer(new byte[20_000]));

    var published =
        publishTogether(publisher, event(1, "order-1"), large, event(3, "order-1"), event(4, "x"));

    await(published.get(0));
    assertThatThrownBy(() -> await(published.get(1)))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("19.")
        .hasMessageContaining("19.5 KiB (max.request.size)");
    assertThatThrownBy(() -> await(published.get(2)))
        .isInstanceOf(Retryable.class)
        .hasMessageContaining("not sent, because event 2");
    await(published.get(3));
    await(publish(publisher, event(3, "order-1")));
    assertThat(sequences(topic, 3)).containsExactlyInAnyOrder("1", "3", "4");
  }

  /**
   * The first batch of a partition is tested, because the broker then has no sequence numbers of
   * the producer and would accept a later batch.
   */
  @RepeatedTest(10)
  void eventsBehindOneThatTheBrokerRefusesAreNotDelivered() {
    String topic = kafka.newDestination(Map.of("partitions", 1, "max.message.bytes", 20_000));
    var publisher = connect(destinationSetting(topic));
    var large = event(1, "order-1", Buffer.buffer(new byte[900_000]));

    var published = publishTogether(publisher, large, event(2, "order-1"), event(3, "order-1"));

    assertThatThrownBy(() -> await(published.get(0)))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("max.message.bytes");
    assertThatThrownBy(() -> await(published.get(1))).isInstanceOf(Retryable.class);
    assertThatThrownBy(() -> await(published.get(2))).isInstanceOf(Retryable.class);
    publishLikeTheRelay(publisher, List.of(event(4, "order-1")));
    assertThat(sequences(topic, 1)).containsExactly("4");
  }

  @Test
  void anEventThatTheBrokerRefusesDoesNotHarmItsNeighbours() {
    String topic = kafka.newDestination(Map.of("max.message.bytes", 20_000));
    var events = new ArrayList<>(Events.interleaved(3_000, 30));
    var large = event(9_000, "order-3", Buffer.buffer(new byte[30_000]));
    events.add(1_500, large);

    var outcome = publishLikeTheRelay(connect(destinationSetting(topic)), events);

    assertThat(outcome.rejected()).containsOnlyKeys(large);
    assertThat(outcome.confirmed()).hasSize(3_000);
  }

  @Test
  void credentialsThatTheClusterRefusesAreFatal() {
    var connecting =
        connecting(
            destinationSetting("d"),
            Map.of(
                "security.protocol", "SASL_PLAINTEXT",
                "sasl.mechanism", "PLAIN",
                "sasl.jaas.config",
                    "org.apache.kafka.common.security.plain.PlainLoginModule required"
                        + " username=\"relay\" password=\"hunter2\";"));

    assertThatThrownBy(() -> await(connecting))
        .isInstanceOf(PublishException.Fatal.class)
        .hasMessageContaining("credentials");
  }

  @Test
  void aKeyStoreThatIsNotThereIsAMistakeAndLaterOnFatal(@TempDir Path folder) throws IOException {
    var trust = folder.resolve("trust.pem");
    Map<String, Object> tls =
        Map.of(
            "security.protocol", "SSL",
            "ssl.truststore.type", "PEM",
            "ssl.truststore.location", trust.toString());
    assertThatThrownBy(() -> configure(destinationSetting("d"), tls))
        .isInstanceOf(InvalidSettingsException.class)
        .hasMessageContaining("ssl.truststore.location = \"" + trust + "\"   is not found");

    Files.createFile(trust);
    var broker = configure(destinationSetting("d"), tls);
    Files.delete(trust);

    assertThatThrownBy(() -> await(onContext(() -> broker.connect(vertx))))
        .isInstanceOf(PublishException.Fatal.class)
        .hasMessageContaining("the file " + trust + " is not found");
  }

  @Test
  void checkingSaysHowToCreateAMissingTopic() {
    var findings = check(List.of(event(1, "order-1")), destinationSetting("${aggregate_type}.new"));

    assertThat(findings)
        .anySatisfy(
            finding -> {
              assertThat(finding.level()).isEqualTo(Finding.Level.PROBLEM);
              assertThat(finding.text()).isEqualTo("The topic order.new does not exist");
              assertThat(finding.remedy()).contains("kafka-topics", "--create --topic order.new");
            });
  }

  /** Kafka 4 requires only as many replicas in sync as the topic has, so there is no outage. */
  @Test
  void aTopicThatWantsMoreReplicasInSyncThanItHasAcceptsEvents() throws Exception {
    String created = kafka.newDestination(Map.of("min.insync.replicas", 2));
    String raised = kafka.newDestination();
    var publisher = connect(destinationSetting("${headers.to}"));
    await(publish(publisher, event(1, "order-1", Map.of("to", created))));
    await(publish(publisher, event(1, "order-1", Map.of("to", raised))));

    TopicSettings.set(kafka, raised, "min.insync.replicas", "2");

    // A change of another setting of the topic, made later, shows that this one is in force.
    TopicSettings.set(kafka, raised, "max.message.bytes", "800");
    var large = event(2, "order-2", Map.of("to", raised, "large", "x".repeat(1_000)));
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> !publishLikeTheRelay(publisher, List.of(large)).rejected().isEmpty());
    await(publish(publisher, event(3, "order-1", Map.of("to", raised))));
  }

  @Test
  void checkingWarnsOfATopicThatWantsMoreReplicasInSyncThanItHas() {
    String topic = kafka.newDestination(Map.of("min.insync.replicas", 2));

    var findings = check(List.of(), destinationSetting(topic));

    assertThat(findings)
        .filteredOn(finding -> finding.level() != Finding.Level.OK)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.level()).isEqualTo(Finding.Level.WARNING);
              assertThat(finding.text())
                  .contains(
                      topic,
                      "1 replica (min.insync.replicas=2)",
                      "more replicas in sync than it has");
            });
  }

  private static void create(String topic) throws Exception {
    try (var admin = Admin.create(kafka.settings())) {
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
    }
  }

  private List<String> sequences(String topic, int count) {
    return consume(topic, count).stream()
        .map(ReceivedMessage::headers)
        .map(headers -> headers.get("event-sequence"))
        .toList();
  }
}

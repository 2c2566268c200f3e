package io.outboxrelay.kafka;

import static io.outboxrelay.publish.Events.event;
import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.outboxrelay.publish.Events;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Publisher;
import io.outboxrelay.testkit.KafkaServer;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The settings of a topic can make the broker delete messages that it has confirmed. */
class KafkaRetentionIT extends KafkaFixture {
  private static final int RETENTION_MILLIS = 600_000;

  @BeforeAll
  static void startABrokerThatDeletesSoon() {
    kafka =
        KafkaServer.builder()
            .setting("log.initial.task.delay.ms", 100)
            .setting("log.retention.check.interval.ms", 100)
            .setting("log.cleaner.enable", true)
            .setting("log.cleaner.backoff.ms", 100)
            .setting("log.cleaner.dedupe.buffer.size", 2_097_152)
            .start();
  }

  @Test
  void anEventOlderThanTheRetentionIsConfirmedAndDeletedUnlessItsTimeIsThatOfSending()
      throws Exception {
    String byEvent = topic();
    String bySending = topic();
    var old = Events.writtenAt(Instant.now().minusMillis(2L * RETENTION_MILLIS), 1, "order-1");
    await(publish(connect(destinationSetting(bySending), Map.of("timestamp", "publish")), old));
    await(publish(connect(destinationSetting(byEvent)), old));

    Awaitility.await().atMost(PATIENCE).until(() -> firstOffset(byEvent) == 1);

    assertThat(firstOffset(bySending)).isZero();
    assertThat(consume(bySending, 1)).hasSize(1);
  }

  /** A consumer that reads later than {@code delete.retention.ms} sees neither of them. */
  @Test
  void aCompactedTopicForgetsAKeyAndLaterItsTombstone() {
    String topic =
        kafka.newDestination(
            Map.of(
                "partitions", 1,
                "cleanup.policy", "compact",
                "delete.retention.ms", 0,
                "min.cleanable.dirty.ratio", 0.0,
                "segment.ms", 100));
    var publisher = connect(destinationSetting(topic));
    await(publish(publisher, now(1, "order-1")));
    await(publish(publisher, event(2, "order-1", (Buffer) null)));

    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () -> {
              // Only a message that is written later ends the segment of the tombstone.
              publishAnother(publisher);
              return consume(topic, 1).stream()
                  .noneMatch(message -> "order-1".equals(message.key()));
            });
  }

  private void publishAnother(Publisher publisher) {
    await(publish(publisher, now(3, "order-2")));
  }

  private static OutboxEvent now(long seq, String aggregate) {
    return Events.writtenAt(Instant.now(), seq, aggregate);
  }

  private static String topic() {
    return kafka.newDestination(Map.of("partitions", 1, "retention.ms", RETENTION_MILLIS));
  }

  private static long firstOffset(String topic) throws Exception {
    var partition = new TopicPartition(topic, 0);
    try (var admin = Admin.create(kafka.settings())) {
      return admin
          .listOffsets(Map.of(partition, OffsetSpec.earliest()))
          .partitionResult(partition)
          .get()
          .offset();
    }
  }
}

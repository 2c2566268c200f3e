package io.outboxrelay.kafka;

import static io.outboxrelay.publish.Events.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.testkit.KafkaServer;
import io.outboxrelay.testkit.ReceivedMessage;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Consumers read messages in the format, with the key and in the partition that are configured. */
class KafkaMessagesIT extends KafkaFixture {
  @BeforeAll
  static void startABroker() {
    kafka = KafkaServer.builder().start();
  }

  @Test
  void aConsumerReadsCloudEventsInBothModes() {
    String binary = kafka.newDestination();
    String structured = kafka.newDestination();
    var publisher =
        connect(
            destinationSetting("${headers.to}"),
            Map.of(
                "format",
                "cloudevents-binary",
                "format-for",
                Map.of(structured, "cloudevents-structured")));

    for (var topic : new String[] {binary, structured}) {
      var sent = event(1, "order-ü", Map.of("to", topic));
      await(publish(publisher, sent));

      var received = consume(topic, 1).get(0);
      var read = cloudEvent(received);
      assertThat(received.key()).isEqualTo("order-ü");
      assertThat(read.getId()).isEqualTo(sent.id().toString());
      assertThat(read.getSubject()).isEqualTo("order-ü");
      assertThat(new String(Objects.requireNonNull(read.getData()).toBytes(), UTF_8))
          .isEqualToIgnoringWhitespace("{\"n\": 1}");
    }
  }

  @Test
  void aTombstoneOfACloudEventIsANullValue() {
    String topic = kafka.newDestination();
    var publisher = connect(destinationSetting(topic), Map.of("format", "cloudevents-structured"));

    await(publish(publisher, event(1, "order-1", (Buffer) null)));

    assertThat(consume(topic, 1).get(0).payload()).isNull();
  }

  @Test
  void anEventGoesToThePartitionThatItNames() {
    String topic = kafka.newDestination(Map.of("partitions", 3));
    var publisher = connect(destinationSetting(topic), Map.of("partition-header", "partition"));

    var wrong = publish(publisher, event(1, "order-1", Map.of("partition", "3")));
    for (int partition = 0; partition < 3; partition++) {
      var headers = Map.of("partition", Integer.toString(partition));
      await(publish(publisher, event(2 + partition, "order-2", headers)));
    }

    assertThatThrownBy(() -> await(wrong))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("it names the partition 3, and the topic " + topic)
        .hasMessageContaining("has 3 partitions, from 0");
    assertThat(consume(topic, 3))
        .allSatisfy(
            message ->
                assertThat(message.properties().get("partition"))
                    .isEqualTo(message.headers().get("partition")))
        .hasSize(3);
  }

  @Test
  void aCompactedTopicTakesTombstonesAndNoMessageWithoutAKey() {
    String topic = kafka.newDestination(Map.of("cleanup.policy", "compact"));
    var publisher = connect(destinationSetting(topic), Map.of("key", "${headers.key}"));

    var keyless = publish(publisher, event(1, "order-1"));
    assertThatThrownBy(() -> await(keyless))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("the topic " + topic + " is compacted")
        .hasMessageContaining("kafka.key");
    await(publish(publisher, event(2, "order", "order-2", null, Map.of("key", "k"))));

    var tombstone = consume(topic, 1).get(0);
    assertThat(tombstone.key()).isEqualTo("k");
    assertThat(tombstone.payload()).isNull();
  }

  private static CloudEvent cloudEvent(ReceivedMessage message) {
    var headers = new RecordHeaders();
    message.headers().forEach((name, value) -> headers.add(name, value.getBytes(UTF_8)));
    byte[] value = Objects.requireNonNull(message.payload()).getBytes();
    return KafkaMessageFactory.createReader(headers, value).toEvent();
  }
}

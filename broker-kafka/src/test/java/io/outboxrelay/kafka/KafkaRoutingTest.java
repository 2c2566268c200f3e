package io.outboxrelay.kafka;

import static io.outboxrelay.publish.Events.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.settings.Settings;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaRoutingTest {
  private static final Map<String, Object> PARTITION = Map.of("partition-header", "partition");

  @Test
  void anEventCanNameItsPartition() {
    assertThat(record(PARTITION, with("partition", "7")).partition()).isEqualTo(7);
    assertThat(record(PARTITION, event(1, "order-1")).partition()).as("by key").isNull();
    assertThat(record(Map.of(), with("partition", "7")).partition()).as("not configured").isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5", "first", "9999999999", " 1"})
  void somethingElseThanANumberIsRejected(String partition) {
    assertThatThrownBy(() -> record(PARTITION, with("partition", partition)))
        .isInstanceOf(Rejected.class)
        .hasMessage(
            "its header partition is \"%s\", and the number of a partition was expected"
                .formatted(partition));
  }

  @Test
  void theKeyCanBeSomethingElseThanTheAggregateId() {
    assertThat(record(Map.of(), event(1, "order-1")).key()).asString(UTF_8).isEqualTo("order-1");
    assertThat(record(Map.of("key", "${aggregate_type}/${aggregate_id}"), event(1, "1")).key())
        .asString(UTF_8)
        .isEqualTo("order/1");
    assertThat(record(Map.of("key", "${headers.key}"), event(1, "1")).key()).isNull();
  }

  @Test
  void theAggregateIdIsAHeaderWhateverTheKeyIs() {
    var record = record(Map.of("key", "${seq}"), event(1, "order-1"));

    assertThat(record.headers().lastHeader("aggregate-id").value())
        .asString(UTF_8)
        .isEqualTo("order-1");
  }

  @Test
  void formatCloudEventsHasTheSameKeyPartitionAndTime() {
    var settings = new HashMap<>(PARTITION);
    settings.put("format", "cloudevents-binary");
    settings.put("key", "${seq}");
    settings.put("timestamp-for", Map.of("orders", "publish"));
    settings.put("headers", Map.of("id", "${id}"));
    var event = with("partition", "7");

    var record = record(settings, event);

    assertThat(record.partition()).isEqualTo(7);
    assertThat(record.key()).asString(UTF_8).isEqualTo("1");
    assertThat(record.timestamp()).isNull();
    assertThat(record.headers().lastHeader("id").value())
        .asString(UTF_8)
        .isEqualTo(event.id().toString());
  }

  @Test
  void aTopicCanHaveAnotherTimestamp() {
    var settings = Map.<String, Object>of("timestamp-for", Map.of("orders", "publish"));
    var records = new MessageFactory(config(settings));

    assertThat(records.of(event(1, "1"), "orders").timestamp()).isNull();
    assertThat(records.of(event(1, "1"), "invoices").timestamp()).isNotNull();
  }

  @Test
  void furtherHeadersAreFilledFromTheEvent() {
    var settings =
        Map.<String, Object>of(
            "headers",
            Map.of("id", "${id}", "type", "${event_type}", "tenant", "${headers.t}", "x", "new"));
    var event = event(1, "order-1", Map.of("x", "old", "y", "kept"));

    var headers = record(settings, event).headers();

    assertThat(headers.lastHeader("id").value()).asString(UTF_8).isEqualTo(event.id().toString());
    assertThat(headers.lastHeader("type").value()).asString(UTF_8).isEqualTo("OrderPlaced");
    assertThat(headers.lastHeader("tenant")).as("the event lacks t").isNull();
    assertThat(headers.headers("x"))
        .singleElement()
        .satisfies(header -> assertThat(header.value()).asString(UTF_8).isEqualTo("new"));
    assertThat(headers.lastHeader("y")).isNotNull();
  }

  @Test
  void theRelaysOwnHeadersCannotBeConfigured() {
    assertThatThrownBy(() -> config(Map.of("headers", Map.of("event-id", "x", "y", "${nothing}"))))
        .hasMessageContaining("headers.event-id")
        .hasMessageContaining("is a header of the relay's own")
        .hasMessageContaining("headers.y");
  }

  @Test
  void aMissingKeyIsNamedIfKafkaDemandsOne() {
    var failures = new ExceptionMapper(config(Map.of("key", "${headers.key}")));
    var refusal = new InvalidRecordException("Compacted topic cannot accept message without key");

    assertThat(failures.of(refusal, "orders", event(1, "order-1")))
        .isInstanceOf(Rejected.class)
        .hasMessage(
            "the topic orders is compacted, so it takes no message without a key, and the event"
                + " lacks the header that kafka.key names (${headers.key})");
    assertThat(failures.of(refusal, "orders", with("key", "1"))).hasMessageContaining("not accept");
    assertThat(failures.of(new InvalidTimestampException("x"), "orders", event(1, "1")))
        .hasMessageContaining("does not accept it");
  }

  private static OutboxEvent with(String header, String value) {
    return event(1, "order-1", Map.of(header, value));
  }

  private static ProducerRecord<byte[], byte[]> record(
      Map<String, Object> settings, OutboxEvent event) {
    return new MessageFactory(config(settings)).of(event, "orders");
  }

  private static KafkaConfig config(Map<String, Object> more) {
    var all = new HashMap<>(more);
    all.put("bootstrap.servers", "localhost:9092");
    var settings = Settings.of("test", all);
    var config = KafkaConfig.from(settings);
    settings.verify();
    return config;
  }
}

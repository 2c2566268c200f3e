package io.outboxrelay.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.publish.ColumnType;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.settings.Settings;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Partition and timestamp, which RecordedMessagesTest cannot compare because Debezium Server does
 * not send them to Kafka, and the settings of the broker.
 */
class DebeziumMessageFactoryTest {
  private static final Map<String, ColumnType> TYPES =
      Map.of(
          "id", new ColumnType("uuid", false),
          "aggregatetype", new ColumnType("text", false),
          "aggregateid", new ColumnType("text", true),
          "type", new ColumnType("text", false),
          "payload", new ColumnType("jsonb", true),
          "slot", new ColumnType("integer", true),
          "at", new ColumnType("timestamp without time zone", true));

  private static ProducerRecord<byte[], byte[]> record(
      Map<String, String> settings, Map<String, String> further, @Nullable String payload) {
    var all = new HashMap<String, Object>(settings);
    all.put("outbox.layout", "debezium");
    all.put("outbox.debezium.placement", "slot:partition");
    all.put("outbox.debezium.timestamp-column", "at");
    all.put("outbox.debezium.key-converter", "string");
    all.put("outbox.debezium.value-converter", "string");
    var root = Settings.of("test", all);
    var config = KafkaConfig.from(root.section("kafka"));
    var event =
        OutboxEvent.builder(1, new UUID(0, 1))
            .aggregate("order", "o-1")
            .type("paid")
            .payload(payload == null ? null : Buffer.buffer(payload), "application/json")
            .headers(further)
            .createdAt(Instant.ofEpochMilli(5))
            .columnTypes(TYPES)
            .build();
    return new MessageFactory(config).of(event, config.topicOf(event));
  }

  @Test
  void partitionAndTimestampAreThoseOfTheColumns() {
    var record = record(Map.of(), Map.of("slot", "2", "at", "2024-02-29 12:34:56.789012"), "{}");

    assertThat(record.topic()).isEqualTo("outbox.event.order");
    assertThat(record.partition()).isEqualTo(2);
    assertThat(record.timestamp())
        .isEqualTo(Instant.parse("2024-02-29T12:34:56.789Z").toEpochMilli());
    assertThat(record.key()).asString(UTF_8).isEqualTo("o-1");
    assertThat(record.value()).asString(UTF_8).isEqualTo("{}");
    assertThat(record.headers()).extracting(header -> header.key()).containsExactly("id");
  }

  @Test
  void columnsWithoutValuesLeaveTheChoiceToKafkaAndTheRelay() {
    var record = record(Map.of(), Map.of(), "{}");

    assertThat(record.partition()).isNull();
    assertThat(record.timestamp()).as("the time of the transaction").isEqualTo(5);
  }

  @Test
  void aTimestampBefore1970IsTheEarliestOne() {
    assertThat(record(Map.of(), Map.of("at", "1969-12-31 00:00:00"), "{}").timestamp()).isZero();
  }

  @Test
  void aTimeThatNoMessageCanHaveIsTold() {
    assertThatThrownBy(() -> record(Map.of(), Map.of("at", "infinity"), "{}"))
        .isInstanceOf(Rejected.class)
        .hasMessageStartingWith("its column at is \"infinity\"");
  }

  @Test
  void aTombstoneHasNoValue() {
    var record =
        record(Map.of("outbox.debezium.tombstone-on-empty-payload", "true"), Map.of(), null);

    assertThat(record.value()).isNull();
  }

  @Test
  void theSettingsOfTheBrokerAddHeadersAndReplaceTheKey() {
    var record =
        record(Map.of("kafka.headers.seq", "${seq}", "kafka.key", "${id}"), Map.of(), "{}");

    assertThat(record.key()).asString(UTF_8).isEqualTo(new UUID(0, 1).toString());
    assertThat(record.headers().lastHeader("seq").value()).asString(UTF_8).isEqualTo("1");
  }

  @Test
  void anotherFormatStaysPossible() {
    var record = record(Map.of("kafka.format", "raw"), Map.of(), "{}");

    assertThat(record.headers().lastHeader("event-id")).isNotNull();
  }
}

package io.outboxrelay.connect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outboxrelay.page.EventPage;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.outboxrelay.settings.Settings;
import io.outboxrelay.window.Checkpoint;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.connect.data.Schema;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecordFactoryTest {
  private static final Map<String, ?> OFFSET = Map.of("top", 17L);

  @Test
  void aRecordIsAddressedByTheEventAndCarriesItsOffset() {
    var record = record(Map.of(), event("pay", Map.of()));

    assertThat(record.topic()).isEqualTo("order.events");
    assertThat(record.kafkaPartition()).isNull();
    assertThat(record.key()).isEqualTo("42");
    assertThat(record.keySchema()).isEqualTo(Schema.STRING_SCHEMA);
    assertThat((byte[]) record.value()).asString(UTF_8).isEqualTo("pay");
    assertThat(record.valueSchema()).isEqualTo(Schema.OPTIONAL_BYTES_SCHEMA);
    assertThat(record.timestamp()).isEqualTo(1_700_000_000_123L);
    assertThat(record.sourceOffset()).isEqualTo(OFFSET);
  }

  @Test
  void keyAndValueCanHaveTheOtherTypes() {
    var record =
        record(
            Map.of("record", Map.of("key-format", "bytes", "value-format", "string")),
            event("größer", Map.of()));

    assertThat((byte[]) record.key()).asString(UTF_8).isEqualTo("42");
    assertThat(record.value()).isEqualTo("größer");
  }

  @Test
  void anEventWithoutPayloadIsATombstone() {
    assertThat(record(Map.of(), event(null, Map.of())).value()).isNull();
  }

  @Test
  void ownHeadersCannotReplaceTheRelays() {
    var record =
        record(Map.of(), event("pay", Map.of("event-type", "forged", "traceparent", "00-1-2-01")));

    assertThat(record.headers().allWithName("event-type").next().value()).isEqualTo("paid");
    assertThat(record.headers().lastWithName("traceparent").value()).isEqualTo("00-1-2-01");
    assertThat(record.headers().lastWithName("event-sequence").value()).isEqualTo("17");
    assertThat(record.headers()).hasSize(8);
  }

  @Test
  void aHeaderCanNameTheTopic() {
    var config = Map.of("kafka", Map.of("topic-header", "to", "topic", "${headers.tenant}"));

    assertThat(record(config, event("pay", Map.of("to", "elsewhere"))).topic())
        .isEqualTo("elsewhere");
    assertThat(record(config, event("pay", Map.of("tenant", "acme"))).topic()).isEqualTo("acme");
    assertThatThrownBy(() -> record(config, event("pay", Map.of())))
        .isInstanceOf(PublishException.Rejected.class);
  }

  @Test
  void atTheTimeOfSendingThereIsNoTimestamp() {
    var config = Map.of("kafka", Map.of("timestamp", "publish"));

    assertThat(record(config, event("pay", Map.of())).timestamp()).isNull();
  }

  @Test
  void aConfirmIsCounted() {
    var confirms = new PageConfirms();
    var pending =
        confirms.add(
            new EventPage<>(
                Collections.singletonList(event("pay", Map.of())),
                Map.of(),
                0,
                new Checkpoint("1:1:", 17, 0, 1, null, null)));
    var record =
        factory(Map.of())
            .of(event("pay", Map.of()), OFFSET, new OutboxRecord.Confirm(confirms, pending));

    new OutboxSourceTask().commitRecord(record, null);

    assertThat(confirms.completion()).isCompleted();
  }

  private static OutboxRecord record(Map<String, ?> settings, OutboxEvent event) {
    var confirms = new PageConfirms();
    var page =
        new EventPage<>(
            Collections.singletonList(event),
            Map.<Long, String>of(),
            0,
            new Checkpoint("1:1:", 17, 0, 1, null, null));
    return factory(settings)
        .of(event, OFFSET, new OutboxRecord.Confirm(confirms, confirms.add(page)));
  }

  private static RecordFactory factory(Map<String, ?> settings) {
    return new RecordFactory(
        RecordConfig.from(Settings.of("test", settings)), Map.of("shard", "public.outbox 0/1"));
  }

  private static OutboxEvent event(@Nullable String payload, Map<String, String> headers) {
    return OutboxEvent.builder(17, new UUID(1, 2))
        .aggregate("order", "42")
        .type("paid")
        .payload(payload == null ? null : Buffer.buffer(payload), "application/json")
        .headers(headers)
        .createdAt(Instant.ofEpochMilli(1_700_000_000_123L))
        .build();
  }
}

package io.outboxrelay.kafka;

import static io.outboxrelay.publish.Events.event;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.settings.Settings;
import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;

class CloudEventMessageFactoryTest {
  private static final Map<String, Object> BINARY = Map.of("format", "cloudevents-binary");
  private static final Map<String, Object> STRUCTURED = Map.of("format", "cloudevents-structured");

  @Test
  void theSdkReadsBothModes() {
    var event = event(7, "order-42");

    for (var mode : List.of(BINARY, STRUCTURED)) {
      var record = record(mode, event);
      var read = read(record);

      assertThat(read.getId()).isEqualTo(event.id().toString());
      assertThat(read.getSource()).hasToString("/order");
      assertThat(read.getType()).isEqualTo("OrderPlaced");
      assertThat(read.getSubject()).isEqualTo("order-42");
      assertThat(Objects.requireNonNull(read.getTime()).toInstant()).isEqualTo(event.createdAt());
      assertThat(read.getDataContentType()).isEqualTo("application/json");
      assertThat(new String(Objects.requireNonNull(read.getData()).toBytes(), UTF_8))
          .isEqualToIgnoringWhitespace("{\"n\": 7}");
      assertThat(record.key()).asString(UTF_8).isEqualTo("order-42");
      assertThat(record.timestamp()).isEqualTo(event.createdAt().toEpochMilli());
    }
  }

  @Test
  void anAttributeIsAHeader() {
    var event = event(7, "order-42", Map.of("tenant", "acme"));

    assertThat(headers(record(BINARY, event)))
        .containsExactlyInAnyOrder(
            "ce_specversion=1.0",
            "ce_id=" + event.id(),
            "ce_source=/order",
            "ce_type=OrderPlaced",
            "ce_subject=order-42",
            "ce_time=2024-02-29T12:34:56.130456Z",
            "content-type=application/json",
            "tenant=acme");
    assertThat(headers(record(STRUCTURED, event)))
        .containsExactlyInAnyOrder("content-type=application/cloudevents+json", "tenant=acme");
  }

  @Test
  void theEventsHeadersCannotPassForAttributes() {
    var spoofed =
        event(1, "order-1", Map.of("ce_type", "x", "CE_id", "x", "Content-Type", "x", "ce", "x"));

    assertThat(headers(record(BINARY, spoofed)))
        .contains("ce=x", "ce_type=OrderPlaced")
        .doesNotContain("ce_type=x", "CE_id=x", "Content-Type=x");
  }

  @Test
  void anExtensionIsNotAHeaderAsWell() {
    var event = event(1, "order-1", Map.of("tenant", "acme", "trace-id", "7"));
    var settings = with(BINARY, "cloudevents", Map.of("header-extensions", true));

    assertThat(headers(record(settings, event)))
        .contains("ce_tenant=acme", "trace-id=7")
        .doesNotContain("tenant=acme");
  }

  @Test
  void aTombstoneIsANullValueInBothModes() {
    var tombstone = event(1, "order-1", (Buffer) null);

    for (var mode : List.of(BINARY, STRUCTURED)) {
      var record = record(mode, tombstone);
      assertThat(record.value()).isNull();
      assertThat(headers(record)).contains("ce_id=" + tombstone.id());
    }
  }

  @Test
  void theTopicDecides() {
    var settings = Map.<String, Object>of("format-for", Map.of("orders.*", "cloudevents-binary"));
    var records = factory(settings);
    var event = event(1, "order-1");

    assertThat(headers(records.of(event, "orders.eu"))).contains("ce_id=" + event.id());
    assertThat(headers(records.of(event, "invoices")))
        .contains("event-id=" + event.id())
        .doesNotContain("ce_id=" + event.id());
  }

  @Test
  void anEventThatCannotBeEncodedIsRejected() {
    assertThatThrownBy(() -> record(BINARY, event(1, "order\u0000")))
        .isInstanceOf(Rejected.class)
        .hasMessageContaining("subject");
  }

  @Test
  void allRelaysHaveTheSameFormat() {
    assertThat(broker(BINARY).route()).endsWith(", format cloudevents-binary");
    assertThat(broker(Map.of()).route()).doesNotContain("format");
  }

  private static CloudEvent read(ProducerRecord<byte[], byte[]> record) {
    return KafkaMessageFactory.createReader(record.headers(), record.value()).toEvent();
  }

  private static Set<String> headers(ProducerRecord<byte[], byte[]> record) {
    var headers = new TreeSet<String>();
    StreamSupport.stream(record.headers().spliterator(), false)
        .map(CloudEventMessageFactoryTest::written)
        .forEach(headers::add);
    return headers;
  }

  private static String written(Header header) {
    return header.key() + "=" + new String(header.value(), UTF_8);
  }

  private static ProducerRecord<byte[], byte[]> record(
      Map<String, Object> settings, OutboxEvent event) {
    return factory(settings).of(event, "orders");
  }

  private static MessageFactory factory(Map<String, Object> settings) {
    return new MessageFactory(KafkaConfig.from(settings(settings)));
  }

  private static KafkaBroker broker(Map<String, Object> settings) {
    return new KafkaBroker(KafkaConfig.from(settings(settings)));
  }

  private static Settings settings(Map<String, Object> more) {
    return Settings.of("test", with(more, "bootstrap.servers", "localhost:9092"));
  }

  private static Map<String, Object> with(Map<String, Object> some, String key, Object value) {
    var all = new HashMap<>(some);
    all.put(key, value);
    return all;
  }
}

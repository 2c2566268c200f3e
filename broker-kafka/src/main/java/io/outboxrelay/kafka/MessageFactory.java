package io.outboxrelay.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.outboxrelay.messageformat.MessageFormat;
import io.outboxrelay.publish.InstantFormatter;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.publish.OutboxEvent;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Turns events into Kafka records in the format of their topic. The value of a record is the
 * payload, or a CloudEvent that contains it.
 *
 * <p>For one thread.
 */
final class MessageFactory {
  private final KafkaConfig config;
  private final boolean isKeyedByAggregate;
  private final boolean isRaw;
  private final @Nullable CloudEventMessageFactory cloudEvents;
  private final @Nullable DebeziumMessageFactory debezium;
  private final InstantFormatter times = new InstantFormatter();
  private final CachedHeader eventType = new CachedHeader(MessageHeaders.EVENT_TYPE);
  private final CachedHeader eventTime = new CachedHeader(MessageHeaders.EVENT_TIME);
  private final CachedHeader aggregateType = new CachedHeader(MessageHeaders.AGGREGATE_TYPE);
  private final CachedHeader contentType = new CachedHeader(MessageHeaders.CONTENT_TYPE);

  MessageFactory(KafkaConfig config) {
    this.config = config;
    this.isKeyedByAggregate = config.routing().isKeyedByAggregate();
    isRaw = config.formats().areRaw();
    debezium =
        config
            .formats()
            .newDebeziumEncoder()
            .map(encoder -> new DebeziumMessageFactory(config, encoder))
            .orElse(null);
    cloudEvents =
        config
            .formats()
            .newEncoder()
            .map(encoder -> new CloudEventMessageFactory(config, encoder))
            .orElse(null);
  }

  /**
   * Returns the record of one event.
   *
   * @throws io.outboxrelay.publish.PublishException.Rejected if the format of the topic cannot
   *     represent the event
   */
  ProducerRecord<byte[], byte[]> of(OutboxEvent event, String topic) {
    if (isRaw) {
      return raw(event, topic);
    }
    MessageFormat format = config.formats().of(topic);
    return switch (format) {
      case RAW -> raw(event, topic);
      case CLOUDEVENTS_BINARY -> requireNonNull(cloudEvents).binary(event, topic);
      case CLOUDEVENTS_STRUCTURED -> requireNonNull(cloudEvents).structured(event, topic);
      case DEBEZIUM -> requireNonNull(debezium).of(event, topic);
    };
  }

  private ProducerRecord<byte[], byte[]> raw(OutboxEvent event, String topic) {
    var payload = event.payload();
    var routing = config.routing();
    byte[] aggregateId = event.aggregateId().getBytes(UTF_8);
    byte[] key = isKeyedByAggregate ? aggregateId : routing.keyOf(event);
    byte[] value = payload == null ? null : payload.getBytes();
    var timestamp = config.timestamps().of(topic).of(event);
    var record =
        new ProducerRecord<byte[], byte[]>(
            topic, routing.partitionOf(event), timestamp, key, value);
    addHeaders(record.headers(), event, aggregateId);
    return record;
  }

  private void addHeaders(Headers headers, OutboxEvent event, byte[] aggregateId) {
    headers.add(new MessageHeader(MessageHeaders.EVENT_ID, AsciiBytes.of(event.id())));
    headers.add(eventType.of(event.eventType()));
    headers.add(eventTime.of(times.of(event.createdAt())));
    headers.add(new MessageHeader(MessageHeaders.EVENT_SEQUENCE, AsciiBytes.of(event.seq())));
    headers.add(aggregateType.of(event.aggregateType()));
    headers.add(new MessageHeader(MessageHeaders.AGGREGATE_ID, aggregateId));
    headers.add(contentType.of(config.contentTypeOf(event)));
    for (Map.Entry<String, String> own : event.headers().entrySet()) {
      if (!MessageHeaders.OF_COLUMNS.contains(own.getKey())
          && !config.headers().has(own.getKey())) {
        add(headers, own.getKey(), own.getValue());
      }
    }
    addConfigured(headers, event);
  }

  private void addConfigured(Headers headers, OutboxEvent event) {
    if (!config.headers().isEmpty()) {
      config.headers().addTo(event, (name, value) -> add(headers, name, value));
    }
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(new MessageHeader(name, value));
  }
}

package io.outboxrelay.kafka;

import io.outboxrelay.debeziumformat.DebeziumEncoder;
import io.outboxrelay.debeziumformat.DebeziumMessage;
import io.outboxrelay.publish.OutboxEvent;
import io.vertx.core.buffer.Buffer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/**
 * Turns events into the Kafka records that Debezium's outbox event router makes of the rows.
 *
 * <p>For one thread.
 */
final class DebeziumMessageFactory {
  private final KafkaConfig config;
  private final DebeziumEncoder encoder;

  DebeziumMessageFactory(KafkaConfig config, DebeziumEncoder encoder) {
    this.config = config;
    this.encoder = encoder;
  }

  ProducerRecord<byte[], byte[]> of(OutboxEvent event, String topic) {
    var message = encoder.of(event);
    var record =
        new ProducerRecord<byte[], byte[]>(
            topic,
            partition(event, message),
            timestamp(event, topic, message),
            key(event, message),
            bytes(message.value()));
    for (var header : message.headers()) {
      if (!config.headers().has(header.name())) {
        record.headers().add(new RecordHeader(header.name(), bytes(header.value())));
      }
    }
    if (!config.headers().isEmpty()) {
      config
          .headers()
          .addTo(event, (name, value) -> record.headers().add(new MessageHeader(name, value)));
    }
    return record;
  }

  private @Nullable Integer partition(OutboxEvent event, DebeziumMessage message) {
    Integer partition = message.partition();
    return partition == null ? config.routing().partitionOf(event) : partition;
  }

  private @Nullable Long timestamp(OutboxEvent event, String topic, DebeziumMessage message) {
    Long time = message.timestamp();
    // Kafka refuses timestamps before 1970.
    return time == null ? config.timestamps().of(topic).of(event) : Long.valueOf(Math.max(0, time));
  }

  private byte @Nullable [] key(OutboxEvent event, DebeziumMessage message) {
    var routing = config.routing();
    return routing.isKeyedByAggregate() ? bytes(message.key()) : routing.keyOf(event);
  }

  private static byte @Nullable [] bytes(@Nullable Buffer buffer) {
    return buffer == null ? null : buffer.getBytes();
  }
}

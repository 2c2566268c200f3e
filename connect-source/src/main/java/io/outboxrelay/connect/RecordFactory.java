package io.outboxrelay.connect;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.outboxrelay.publish.InstantFormatter;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Turns events into source records. If the worker uses the converters that suit the formats, the
 * messages are equal to those of the relay, byte for byte.
 *
 * <p>Use this class on one thread only.
 */
final class RecordFactory {
  private final RecordConfig config;
  private final Map<String, String> partition;
  private final InstantFormatter times = new InstantFormatter();

  /**
   * @param partition the key under which Connect stores the offsets
   */
  RecordFactory(RecordConfig config, Map<String, String> partition) {
    this.config = config;
    this.partition = partition;
  }

  /**
   * Returns the record of one event.
   *
   * @param offset the position after the event, from which a task continues
   * @throws PublishException.Rejected if the event lacks a header that the topic's template names
   */
  OutboxRecord of(OutboxEvent event, Map<String, ?> offset, OutboxRecord.Confirm confirm) {
    return new OutboxRecord(
        new OutboxRecord.Source(partition, offset, confirm),
        topicOf(event),
        key(event.aggregateId()),
        value(event.payload()),
        timestamp(event),
        headers(event));
  }

  private String topicOf(OutboxEvent event) {
    if (config.topicHeader().isPresent()) {
      String explicit = event.headers().get(config.topicHeader().get());
      if (explicit != null) {
        return explicit;
      }
    }
    return config.topic().of(event);
  }

  private OutboxRecord.Data key(String aggregateId) {
    return config.key() == RecordFormat.STRING
        ? new OutboxRecord.Data(Schema.STRING_SCHEMA, aggregateId)
        : new OutboxRecord.Data(Schema.BYTES_SCHEMA, aggregateId.getBytes(UTF_8));
  }

  private OutboxRecord.Data value(@Nullable Buffer payload) {
    return config.value() == RecordFormat.STRING
        ? new OutboxRecord.Data(
            Schema.OPTIONAL_STRING_SCHEMA, payload == null ? null : payload.toString(UTF_8))
        : new OutboxRecord.Data(
            Schema.OPTIONAL_BYTES_SCHEMA, payload == null ? null : payload.getBytes());
  }

  /**
   * Returns the timestamp of the record in milliseconds; null if Connect is to set it. A time
   * before 1970 is replaced by the beginning of 1970, because Kafka refuses earlier times. A header
   * contains the true time.
   */
  private @Nullable Long timestamp(OutboxEvent event) {
    return config.timestamp() == RecordTimestamp.EVENT
        ? Math.max(0, event.createdAt().toEpochMilli())
        : null;
  }

  private Headers headers(OutboxEvent event) {
    var headers = new ConnectHeaders();
    add(headers, MessageHeaders.EVENT_ID, event.id().toString());
    add(headers, MessageHeaders.EVENT_TYPE, event.eventType());
    add(headers, MessageHeaders.EVENT_TIME, times.of(event.createdAt()));
    add(headers, MessageHeaders.EVENT_SEQUENCE, Long.toString(event.seq()));
    add(headers, MessageHeaders.AGGREGATE_TYPE, event.aggregateType());
    add(headers, MessageHeaders.AGGREGATE_ID, event.aggregateId());
    add(headers, MessageHeaders.CONTENT_TYPE, config.contentType().orElse(event.contentType()));
    event.headers().entrySet().stream()
        .filter(own -> !MessageHeaders.OF_COLUMNS.contains(own.getKey()))
        .forEach(own -> add(headers, own.getKey(), own.getValue()));
    return headers;
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(name, value, Schema.STRING_SCHEMA);
  }
}

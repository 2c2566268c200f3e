package io.outboxrelay.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.outboxrelay.publish.InstantFormatter;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.publish.OutboxEvent;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/**
 * Turns events into Kafka records: the key is the aggregate id, and the value is the payload.
 *
 * <p>For one thread.
 */
final class MessageFactory {
  private static final Set<String> RELAYS_OWN =
      Set.of(
          MessageHeaders.EVENT_ID,
          MessageHeaders.EVENT_TYPE,
          MessageHeaders.EVENT_TIME,
          MessageHeaders.EVENT_SEQUENCE,
          MessageHeaders.AGGREGATE_TYPE,
          MessageHeaders.AGGREGATE_ID,
          MessageHeaders.CONTENT_TYPE);

  private final KafkaConfig config;
  private final InstantFormatter times = new InstantFormatter();
  private final CachedHeader eventType = new CachedHeader(MessageHeaders.EVENT_TYPE);
  private final CachedHeader eventTime = new CachedHeader(MessageHeaders.EVENT_TIME);
  private final CachedHeader aggregateType = new CachedHeader(MessageHeaders.AGGREGATE_TYPE);
  private final CachedHeader contentType = new CachedHeader(MessageHeaders.CONTENT_TYPE);

  MessageFactory(KafkaConfig config) {
    this.config = config;
  }

  ProducerRecord<byte[], byte[]> of(OutboxEvent event, String topic) {
    var payload = event.payload();
    byte[] key = event.aggregateId().getBytes(UTF_8);
    byte[] value = payload == null ? null : payload.getBytes();
    var timestamp = config.timestamp().of(event);
    var record = new ProducerRecord<byte[], byte[]>(topic, null, timestamp, key, value);
    addHeaders(record.headers(), event, key);
    return record;
  }

  private void addHeaders(Headers headers, OutboxEvent event, byte[] aggregateId) {
    add(headers, MessageHeaders.EVENT_ID, event.id().toString());
    headers.add(eventType.of(event.eventType()));
    headers.add(eventTime.of(times.of(event.createdAt())));
    add(headers, MessageHeaders.EVENT_SEQUENCE, Long.toString(event.seq()));
    headers.add(aggregateType.of(event.aggregateType()));
    headers.add(new MessageHeader(MessageHeaders.AGGREGATE_ID, aggregateId));
    headers.add(contentType.of(config.contentTypeOf(event)));
    for (Map.Entry<String, String> own : event.headers().entrySet()) {
      if (!RELAYS_OWN.contains(own.getKey())) {
        add(headers, own.getKey(), own.getValue());
      }
    }
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(new MessageHeader(name, value));
  }
}

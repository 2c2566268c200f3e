package io.outboxrelay.kafka;

import io.cloudevents.core.message.MessageWriter;
import io.cloudevents.kafka.KafkaMessageFactory;
import io.cloudevents.rw.CloudEventWriter;
import io.outboxrelay.messageformat.CloudEventEncoder;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.publish.OutboxEvent;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Turns events into Kafka records according to the Kafka protocol binding of CloudEvents. The
 * event's own headers become headers of the record, unless they are extensions of the CloudEvent.
 *
 * <p>For one thread.
 */
final class CloudEventMessageFactory {
  /** The beginning of the names of the headers that hold attributes. */
  private static final String PREFIX = "ce_";

  private final KafkaConfig config;
  private final CloudEventEncoder encoder;

  CloudEventMessageFactory(KafkaConfig config, CloudEventEncoder encoder) {
    this.config = config;
    this.encoder = encoder;
  }

  ProducerRecord<byte[], byte[]> binary(OutboxEvent event, String topic) {
    return withHeaders(
        event, encoder.writeBinary(event, config.contentTypeOf(event), writer(event, topic)));
  }

  /**
   * Returns the record with a CloudEvent in JSON. An event without a payload is written as by
   * {@link #binary}, because a compacted topic deletes a key only if the value is null.
   */
  ProducerRecord<byte[], byte[]> structured(OutboxEvent event, String topic) {
    if (event.payload() == null) {
      return binary(event, topic);
    }
    return withHeaders(
        event, encoder.writeStructured(event, config.contentTypeOf(event), writer(event, topic)));
  }

  private MessageWriter<
          CloudEventWriter<ProducerRecord<byte[], byte[]>>, ProducerRecord<byte[], byte[]>>
      writer(OutboxEvent event, String topic) {
    var routing = config.routing();
    return KafkaMessageFactory.createWriter(
        topic,
        routing.partitionOf(event),
        config.timestamps().of(topic).of(event),
        routing.keyOf(event));
  }

  private ProducerRecord<byte[], byte[]> withHeaders(
      OutboxEvent event, ProducerRecord<byte[], byte[]> record) {
    for (Map.Entry<String, String> own : event.headers().entrySet()) {
      if (encoder.isHeader(own.getKey())
          && !isReserved(own.getKey())
          && !config.headers().has(own.getKey())) {
        record.headers().add(new MessageHeader(own.getKey(), own.getValue()));
      }
    }
    if (!config.headers().isEmpty()) {
      config
          .headers()
          .addTo(event, (name, value) -> record.headers().add(new MessageHeader(name, value)));
    }
    return record;
  }

  /** Returns true for a header name that consumers would read as an attribute of the CloudEvent. */
  private static boolean isReserved(String name) {
    return name.toLowerCase(Locale.ROOT).startsWith(PREFIX)
        || name.equalsIgnoreCase(MessageHeaders.CONTENT_TYPE);
  }
}

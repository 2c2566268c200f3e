package io.outboxrelay.kafka;

import io.outboxrelay.messageformat.MessageFormats;
import io.outboxrelay.publish.HeaderTemplates;
import io.outboxrelay.publish.MessageHeaders;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PerDestination;
import io.outboxrelay.settings.Settings;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The section {@code kafka}.
 *
 * @param contentType the content type of every payload; if empty, the column's type decides
 * @param formats the format of each topic's records
 * @param headers the headers that the operator adds to each record
 * @param timestamps the source of the timestamps of each topic's records
 * @param producer the properties of the Kafka producer
 */
record KafkaConfig(
    KafkaRouting routing,
    Optional<String> contentType,
    MessageFormats formats,
    HeaderTemplates headers,
    PerDestination<TimestampSource> timestamps,
    ProducerProperties producer) {

  static KafkaConfig from(Settings in) {
    return new KafkaConfig(
        KafkaRouting.from(in),
        in.optionalText("content-type"),
        MessageFormats.from(in),
        HeaderTemplates.from(in.section("headers"), MessageHeaders.OF_COLUMNS),
        PerDestination.from(in, "timestamp", TimestampSource.EVENT),
        ProducerProperties.from(in));
  }

  /** Returns a copy that sends every event to {@code destination}, see {@link KafkaRouting#to}. */
  KafkaConfig redirectedTo(String destination) {
    return new KafkaConfig(
        routing.to(destination), contentType, formats, headers, timestamps, producer);
  }

  /** Returns the bootstrap servers, which also name the cluster in messages. */
  String address() {
    return producer.text(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG);
  }

  /**
   * Returns the topic of one event.
   *
   * @throws io.outboxrelay.publish.PublishException.Rejected if the event lacks a header that the
   *     template names
   */
  String topicOf(OutboxEvent event) {
    return routing.topic().of(event);
  }

  String contentTypeOf(OutboxEvent event) {
    return contentType.isPresent() ? contentType.get() : event.contentType();
  }

  /** Returns the topic of every event; empty if the topic depends on the event. */
  Optional<String> onlyTopic() {
    return routing.topic().only();
  }
}

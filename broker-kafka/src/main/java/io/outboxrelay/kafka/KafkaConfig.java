package io.outboxrelay.kafka;

import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.Template;
import io.outboxrelay.settings.Settings;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * The section {@code kafka}.
 *
 * @param topic the template of an event's topic
 * @param topicHeader the event header that overrides the topic, if the event has it
 * @param contentType the content type of every payload; if empty, the column's type decides
 * @param timestamp the source of a record's timestamp
 * @param producer the properties of the Kafka producer
 */
record KafkaConfig(
    Template topic,
    Optional<String> topicHeader,
    Optional<String> contentType,
    TimestampSource timestamp,
    ProducerProperties producer) {
  /** Kafka's rule for topic names, including its ban of {@code .} and {@code ..}. */
  private static final Pattern TOPIC = Pattern.compile("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}");

  static KafkaConfig from(Settings in) {
    return new KafkaConfig(
        in.template("topic", Template::parse, "${aggregate_type}.events"),
        in.optionalText("topic-header"),
        in.optionalText("content-type"),
        in.choice("timestamp", TimestampSource.EVENT),
        ProducerProperties.from(in));
  }

  /**
   * Returns a copy with {@code destination}, a topic or a template, as the topic of every event.
   *
   * @throws IllegalArgumentException if no topic can have such a name
   */
  KafkaConfig redirectedTo(String destination) {
    var elsewhere = Template.parse(destination);
    if (elsewhere.isConstant() && !TOPIC.matcher(destination).matches()) {
      throw new IllegalArgumentException(
          "is not a valid name of a topic; write up to 249 letters, digits, dots, underscores and"
              + " hyphens");
    }
    return new KafkaConfig(elsewhere, Optional.empty(), contentType, timestamp, producer);
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
    if (topicHeader.isPresent()) {
      String explicit = event.headers().get(topicHeader.get());
      if (explicit != null) {
        return explicit;
      }
    }
    return topic.of(event);
  }

  String contentTypeOf(OutboxEvent event) {
    return contentType.isPresent() ? contentType.get() : event.contentType();
  }

  /** Returns the topic of every event; empty if the topic depends on the event. */
  Optional<String> onlyTopic() {
    return topic.isConstant() && topicHeader.isEmpty()
        ? Optional.of(topic.toString())
        : Optional.empty();
  }
}

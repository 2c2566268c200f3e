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
 * @param topic where an event goes
 * @param topicHeader the event header that says another topic, where the event has it
 * @param contentType what to call the payload instead of what its column's type says
 * @param timestamp what a record's timestamp says
 * @param producer the properties of the Kafka producer
 */
record KafkaConfig(
    Template topic,
    Optional<String> topicHeader,
    Optional<String> contentType,
    TimestampSource timestamp,
    ProducerProperties producer) {
  /** What Kafka takes for a name, but for {@code .} and {@code ..}. */
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
   * The same, but every event goes to one topic, or where one template says.
   *
   * @throws IllegalArgumentException where no topic can have such a name
   */
  KafkaConfig redirectedTo(String destination) {
    var elsewhere = Template.parse(destination);
    if (elsewhere.isConstant() && !TOPIC.matcher(destination).matches()) {
      throw new IllegalArgumentException(
          "is no name for a topic; write up to 249 letters, digits, dots, underscores and hyphens");
    }
    return new KafkaConfig(elsewhere, Optional.empty(), contentType, timestamp, producer);
  }

  /** The brokers to ask for the others; names the cluster in a sentence. */
  String address() {
    return producer.text(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG);
  }

  /**
   * The topic of one event.
   *
   * @throws io.outboxrelay.publish.PublishException.Rejected where the event lacks a header that
   *     the template names
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

  /** The topic every event goes to, where that is one. */
  Optional<String> onlyTopic() {
    return topic.isConstant() && topicHeader.isEmpty()
        ? Optional.of(topic.toString())
        : Optional.empty();
  }
}

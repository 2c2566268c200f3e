package io.outboxrelay.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.outboxrelay.messageformat.MessageFormats;
import io.outboxrelay.publish.DestinationName;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.publish.Template;
import io.outboxrelay.settings.Settings;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Computes the topic and the partition of each event.
 *
 * @param topic the name of an event's topic
 * @param key the template of a record's key, from which Kafka computes the partition; if the
 *     template names a header that an event lacks, the event has no key
 * @param partitionHeader the event header with the number of the partition; if an event has this
 *     header, its number is used instead of the key
 */
record KafkaRouting(DestinationName topic, Template key, Optional<String> partitionHeader) {
  /** Matches the names that Kafka permits for topics, which exclude {@code .} and {@code ..}. */
  private static final Pattern TOPIC = Pattern.compile("(?!\\.{1,2}$)[a-zA-Z0-9._-]{1,249}");

  private static final Pattern NUMBER = Pattern.compile("\\d{1,9}");

  private static final String AGGREGATE_ID = "${aggregate_id}";

  static KafkaRouting from(Settings in) {
    return new KafkaRouting(
        DestinationName.from(in, "topic", MessageFormats.defaultDestination(in)),
        in.template("key", Template::parse, AGGREGATE_ID),
        in.optionalText("partition-header"));
  }

  /**
   * Returns a copy with {@code destination}, a topic or a template, as the topic of every event.
   *
   * @throws IllegalArgumentException if no topic can have such a name
   */
  KafkaRouting to(String destination) {
    var elsewhere = Template.parse(destination);
    if (elsewhere.isConstant() && !TOPIC.matcher(destination).matches()) {
      throw new IllegalArgumentException(
          "is not a valid name of a topic; write up to 249 letters, digits, dots, underscores and"
              + " hyphens");
    }
    return new KafkaRouting(DestinationName.of(elsewhere), key, partitionHeader);
  }

  /** Returns true if the key of every event is its aggregate id. */
  boolean isKeyedByAggregate() {
    return key.toString().equals(AGGREGATE_ID);
  }

  /** Returns the key of one event; null if it has none. */
  byte @Nullable [] keyOf(OutboxEvent event) {
    String text = key.ifComplete(event);
    return text == null ? null : text.getBytes(UTF_8);
  }

  /**
   * Returns the partition that an event names in its header; null if the event names none, so that
   * its key decides.
   *
   * @throws Rejected if the header holds no number
   */
  @Nullable Integer partitionOf(OutboxEvent event) {
    if (partitionHeader.isEmpty()) {
      return null;
    }
    String number = event.headers().get(partitionHeader.get());
    if (number == null) {
      return null;
    }
    if (!NUMBER.matcher(number).matches()) {
      throw new Rejected(
          "its header %s is \"%s\", and the number of a partition was expected"
              .formatted(partitionHeader.get(), number),
          null);
    }
    return Integer.valueOf(number);
  }
}

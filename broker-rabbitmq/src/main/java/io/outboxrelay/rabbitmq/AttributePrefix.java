package io.outboxrelay.rabbitmq;

import java.util.Locale;
import java.util.stream.Stream;

/**
 * How the names of headers begin that hold attributes of a CloudEvent: the setting {@code
 * cloudevents.header-prefix}. Consumers that follow the AMQP binding know both.
 */
enum AttributePrefix {
  /** As the AMQP binding writes it. */
  COLON("cloudEvents:"),

  /** For consumers in JMS, where a name cannot have a colon. */
  UNDERSCORE("cloudEvents_");

  private final String text;

  AttributePrefix(String text) {
    this.text = text;
  }

  /**
   * Returns the prefix that is written {@code text}.
   *
   * @throws IllegalArgumentException if there is none; the message is a phrase for the user
   */
  static AttributePrefix parse(String text) {
    return Stream.of(values())
        .filter(prefix -> prefix.text.equals(text))
        .findAny()
        .orElseThrow(
            () -> new IllegalArgumentException("is neither cloudEvents: nor cloudEvents_"));
  }

  String text() {
    return text;
  }

  /** Returns true if a name, in lower case, begins with one of the prefixes. */
  static boolean begins(String lowerCase) {
    return Stream.of(values())
        .anyMatch(prefix -> lowerCase.startsWith(prefix.text.toLowerCase(Locale.ROOT)));
  }
}

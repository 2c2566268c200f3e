package io.outboxrelay.rabbitmq;

import java.util.Locale;
import java.util.stream.Stream;

/**
 * The beginning of the names of the headers that hold attributes of a CloudEvent, as set by {@code
 * cloudevents.header-prefix}. Consumers that follow the AMQP binding accept both prefixes.
 */
enum AttributePrefix {
  /** The default prefix of the AMQP binding. */
  COLON("cloudEvents:"),

  /** The prefix for consumers that use JMS, because a name in JMS cannot have a colon. */
  UNDERSCORE("cloudEvents_");

  private final String text;

  AttributePrefix(String text) {
    this.text = text;
  }

  /**
   * Returns the prefix with this text.
   *
   * @throws IllegalArgumentException if no prefix has it; the message is a phrase for the user
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

  /**
   * Returns true if a name begins with one of the prefixes, in capital or small letters.
   *
   * @param lowerCase the name in lower case
   */
  static boolean begins(String lowerCase) {
    return Stream.of(values())
        .anyMatch(prefix -> lowerCase.startsWith(prefix.text.toLowerCase(Locale.ROOT)));
  }
}

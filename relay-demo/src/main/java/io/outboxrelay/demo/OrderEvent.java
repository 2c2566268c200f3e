package io.outboxrelay.demo;

import io.outboxrelay.testkit.ReceivedMessage;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * An event: change number {@code version} of an order. The versions of an order run from 1 without
 * a gap, so the consumer can tell which events are lost, repeated or out of order.
 */
record OrderEvent(String order, int version) {
  // PostgreSQL's jsonb changes the white space of the text.
  private static final Pattern PAYLOAD =
      Pattern.compile(
          "\\{\\s*\"order\":\\s*\"(?<order>[^\"]+)\",\\s*\"version\":\\s*(?<version>\\d+)\\s*}");

  String payload() {
    return "{\"order\": \"%s\", \"version\": %d}".formatted(order, version);
  }

  /**
   * Returns the event of a message.
   *
   * @throws IllegalArgumentException if the message was not written by the demo
   */
  static OrderEvent of(ReceivedMessage message) {
    var payload = PAYLOAD.matcher(Objects.requireNonNullElse(message.text(), ""));
    if (!payload.matches()) {
      throw new IllegalArgumentException("the demo has not written this message: " + message);
    }
    return new OrderEvent(payload.group("order"), Integer.parseInt(payload.group("version")));
  }
}

package io.outboxrelay.demo;

import io.outboxrelay.testkit.ReceivedMessage;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The n-th change of an order. The n of each order runs from 1 without a gap, so a consumer can
 * tell what is lost, repeated or out of order.
 */
record OrderEvent(String order, int version) {
  // jsonb has a spelling of its own.
  private static final Pattern PAYLOAD =
      Pattern.compile(
          "\\{\\s*\"order\":\\s*\"(?<order>[^\"]+)\",\\s*\"version\":\\s*(?<version>\\d+)\\s*}");

  String payload() {
    return "{\"order\": \"%s\", \"version\": %d}".formatted(order, version);
  }

  /**
   * The event in a message.
   *
   * @throws IllegalArgumentException where the message is none of the demo's
   */
  static OrderEvent of(ReceivedMessage message) {
    var payload = PAYLOAD.matcher(Objects.requireNonNullElse(message.text(), ""));
    if (!payload.matches()) {
      throw new IllegalArgumentException("a message that is no order's: " + message);
    }
    return new OrderEvent(payload.group("order"), Integer.parseInt(payload.group("version")));
  }
}

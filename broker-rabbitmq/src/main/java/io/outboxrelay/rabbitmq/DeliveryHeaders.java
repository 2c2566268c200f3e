package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.settings.Settings;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The event headers that set properties of a message, for events that have them. If RabbitMQ does
 * not understand a value, it closes the channel, so such an event is rejected and not published.
 *
 * @param expiration the header with the milliseconds after which queues drop the message
 * @param priority the header with the priority, from 0 to 255
 */
record DeliveryHeaders(Optional<String> expiration, Optional<String> priority) {
  private static final Pattern NUMBER = Pattern.compile("\\d{1,10}");

  /** RabbitMQ's limit, which is that of a 32-bit timer. */
  private static final long LONGEST = 4_294_967_295L;

  private static final long HIGHEST = 255;

  static DeliveryHeaders from(Settings in) {
    return new DeliveryHeaders(
        in.optionalText("expiration-header"), in.optionalText("priority-header"));
  }

  /**
   * Sets the properties of the message of one event.
   *
   * @throws Rejected if a header holds something that RabbitMQ does not understand
   */
  void applyTo(BasicProperties.Builder properties, OutboxEvent event) {
    if (expiration.isPresent()) {
      String name = expiration.get();
      String millis = event.headers().get(name);
      if (millis != null) {
        long value = number(name, millis, LONGEST, "milliseconds, as the message's expiration,");
        properties.expiration(Long.toString(value));
      }
    }
    if (priority.isPresent()) {
      String name = priority.get();
      String level = event.headers().get(name);
      if (level != null) {
        properties.priority((int) number(name, level, HIGHEST, "a priority"));
      }
    }
  }

  private static long number(String name, String text, long most, String expected) {
    if (NUMBER.matcher(text).matches()) {
      long number = Long.parseLong(text);
      if (number <= most) {
        return number;
      }
    }
    throw rejected(name, text, most, expected);
  }

  private static Rejected rejected(String name, String text, long most, String expected) {
    return new Rejected(
        "its header %s is \"%s\", and %s from 0 to %d was expected"
            .formatted(name, text, expected, most),
        null);
  }
}

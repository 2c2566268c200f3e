package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.outboxrelay.publish.OutboxEvent;
import io.outboxrelay.publish.PublishException.Rejected;
import io.outboxrelay.settings.Settings;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The event headers that set properties of a message. If RabbitMQ does not understand the value of
 * such a property, it closes the channel, so an event with such a value is rejected and not
 * published.
 *
 * @param expiration the event header with the milliseconds after which queues drop the message;
 *     empty if no header sets this
 * @param priority the event header with the priority, from 0 to 255; empty if no header sets this
 */
record DeliveryHeaders(Optional<String> expiration, Optional<String> priority) {
  private static final Pattern NUMBER = Pattern.compile("\\d{1,10}");

  /**
   * The longest expiration that RabbitMQ accepts, in milliseconds; it is the limit of a 32-bit
   * timer.
   */
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

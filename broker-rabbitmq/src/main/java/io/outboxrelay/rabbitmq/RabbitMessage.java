package io.outboxrelay.rabbitmq;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.outboxrelay.publish.PublishException;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;

/** One event as a RabbitMQ message with its destination. */
record RabbitMessage(String exchange, String routingKey, BasicProperties properties, Buffer body) {
  /**
   * The maximum length of a name in bytes. It is the limit of AMQP, which has one byte for the
   * length.
   */
  private static final int LONGEST_NAME = 255;

  RabbitMessage {
    checkLength("exchange", exchange);
    checkLength("routing key", routingKey);
  }

  private static void checkLength(String what, String name) {
    // A char of Java takes at most three bytes of UTF-8, so the bytes of a shorter name need not be
    // counted.
    if (name.length() > LONGEST_NAME / 3) {
      int bytes = name.getBytes(StandardCharsets.UTF_8).length;
      if (bytes > LONGEST_NAME) {
        throw new PublishException.Rejected(
            "its %s has %d bytes, and RabbitMQ takes %d at most: %s…"
                .formatted(what, bytes, LONGEST_NAME, name.substring(0, 40)),
            null);
      }
    }
  }
}

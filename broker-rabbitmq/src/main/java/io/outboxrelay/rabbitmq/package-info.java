/**
 * Publishes outbox events to RabbitMQ; {@code broker: rabbitmq}.
 *
 * <p>Besides the headers that every broker's messages have ({@link
 * io.outboxrelay.publish.MessageHeaders}), a message has AMQP's own properties: the message id is
 * the event's id, the type its type, the timestamp its time in whole seconds. AMQP knows no message
 * without a body, so a tombstone has an empty one and the header {@code event-tombstone} with the
 * value {@code true}.
 */
@NullMarked
package io.outboxrelay.rabbitmq;

import org.jspecify.annotations.NullMarked;

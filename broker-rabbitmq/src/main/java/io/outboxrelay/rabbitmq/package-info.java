/**
 * Publishes outbox events to RabbitMQ; selected by {@code broker: rabbitmq}.
 *
 * <p>This package holds the adapter to the RabbitMQ client, its configuration, and its part of
 * {@code check}. Of the relay it uses only the SPI in {@link io.outboxrelay.publish}, the settings
 * and the formats; retries, dead letters and circuit breakers belong to {@code relay-core}. Begin
 * with {@link RabbitPublisher}, then {@link SendingThread}.
 *
 * <p>Every broker's messages have the headers of {@link io.outboxrelay.publish.MessageHeaders}. A
 * RabbitMQ message also has AMQP's own properties: the message id is the event's id, the type is
 * the event's type, and the timestamp is the event's time in whole seconds. AMQP has no null body,
 * so a tombstone has an empty body and the header {@code event-tombstone} with the value {@code
 * true}.
 */
@NullMarked
package io.outboxrelay.rabbitmq;

import org.jspecify.annotations.NullMarked;

/**
 * Publishes outbox events to Apache Kafka; selected by {@code broker: kafka}.
 *
 * <p>This package holds the adapter to Kafka's producer, its configuration, and its part of {@code
 * check}. Of the relay it uses only the SPI in {@link io.outboxrelay.publish}, the settings and the
 * formats; retries, dead letters and circuit breakers belong to {@code relay-core}. Begin with
 * {@link KafkaPublisher}, then {@link SendingThread}.
 */
@NullMarked
package io.outboxrelay.kafka;

import org.jspecify.annotations.NullMarked;

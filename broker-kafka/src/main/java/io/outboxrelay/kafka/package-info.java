/** Publishes outbox events to Apache Kafka; {@code broker: kafka}. */
@NullMarked
package io.outboxrelay.kafka;

import org.jspecify.annotations.NullMarked;

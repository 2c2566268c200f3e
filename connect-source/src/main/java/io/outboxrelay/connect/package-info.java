/**
 * The Kafka Connect source connector: reads the outbox with the relay's reader and hands the events
 * to Connect, which publishes them to Kafka.
 *
 * <p>Begin with {@link io.outboxrelay.connect.OutboxSourceTask}.
 */
@NullMarked
package io.outboxrelay.connect;

import org.jspecify.annotations.NullMarked;

/**
 * The Kafka Connect source connector: reads the outbox with the relay's reader and hands the events
 * to Kafka Connect, which publishes them to Kafka.
 *
 * <p>The pump, the partitions and the publisher of a relay are not used; Connect's workers take
 * their place. Begin with {@link io.outboxrelay.connect.OutboxSourceTask}.
 */
@NullMarked
package io.outboxrelay.connect;

import org.jspecify.annotations.NullMarked;

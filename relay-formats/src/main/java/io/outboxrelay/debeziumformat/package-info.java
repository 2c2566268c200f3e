/**
 * Messages as Debezium's outbox event router and the converters of Kafka Connect make them, for all
 * brokers.
 *
 * <p>Begin with {@link io.outboxrelay.debeziumformat.DebeziumEncoder}. The tests compare it with
 * messages of a real Debezium Server.
 */
@NullMarked
package io.outboxrelay.debeziumformat;

import org.jspecify.annotations.NullMarked;

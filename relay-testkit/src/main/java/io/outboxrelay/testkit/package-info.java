/**
 * The test kit: starts real PostgreSQL, Kafka and RabbitMQ servers for tests, benchmarks, the demo
 * and the examples, and a proxy that causes network faults between a client and a server. The
 * package {@code io.outboxrelay.testkit.relay} starts the relay itself.
 *
 * <p>Begin at {@link TestService}, which describes how a server is chosen and controlled, and then
 * at {@link PostgresServer}, {@link KafkaServer}, {@link RabbitServer} and {@link FaultProxy}.
 */
@NullMarked
package io.outboxrelay.testkit;

import org.jspecify.annotations.NullMarked;

/**
 * Real PostgreSQL, Kafka and RabbitMQ servers for tests, benchmarks and the demo, and a proxy that
 * causes network faults between a client and any of them.
 */
@NullMarked
package io.outboxrelay.testkit;

import org.jspecify.annotations.NullMarked;

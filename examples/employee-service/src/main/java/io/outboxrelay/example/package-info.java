/**
 * The whole outbox pattern in one service: {@link Employees} changes employees and writes an event
 * in the same transaction, the relay publishes it, an {@link EventSource} gets it from the broker,
 * and {@link EmployeeDirectory} handles it once. The relay is not in this package; it runs as a
 * process of its own.
 *
 * <p>Begin at {@link EmployeeService}, which connects the parts; {@link EmployeeApi} shows both
 * sides over HTTP.
 */
@NullMarked
package io.outboxrelay.example;

import org.jspecify.annotations.NullMarked;

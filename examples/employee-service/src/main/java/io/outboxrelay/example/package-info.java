/**
 * The whole pattern in one service: {@link Employees} changes employees and writes an event in the
 * same transaction, the relay publishes it, an {@link EventSource} gets it from the broker, and
 * {@link EmployeeDirectory} handles it once. {@link EmployeeApi} shows both sides over HTTP.
 */
@NullMarked
package io.outboxrelay.example;

import org.jspecify.annotations.NullMarked;

package io.outboxrelay.status;

import java.time.Duration;

/**
 * A relay's connection that waits for a lock on one of the outbox's tables.
 *
 * @param holder the server process that holds the lock
 * @param application the application name of the connection that holds the lock
 * @param age how long the relay's connection has waited
 */
public record LockWait(int holder, String application, Duration age) {}

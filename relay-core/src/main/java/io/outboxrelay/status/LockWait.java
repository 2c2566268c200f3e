package io.outboxrelay.status;

import java.time.Duration;

/**
 * A relay's connection that waits for a lock on one of the outbox's tables.
 *
 * @param holder the process that holds the lock
 * @param application the application name of the holder's connection
 * @param age how long the relay has waited
 */
public record LockWait(int holder, String application, Duration age) {}

package io.outboxrelay.replay;

import io.outboxrelay.breaker.Backoff;
import java.time.Duration;

/**
 * The limits of replays.
 *
 * @param backoff the pauses between attempts to publish an event
 * @param interval the time between two looks at the table of requests
 * @param patience the longest time to wait for an answer of the database
 * @param batchBytes the approximate number of bytes of one batch
 * @param maxEventBytes the highest number of bytes of an event's payload, and also of its headers
 */
public record ReplayLimits(
    Backoff backoff, Duration interval, Duration patience, long batchBytes, long maxEventBytes) {}

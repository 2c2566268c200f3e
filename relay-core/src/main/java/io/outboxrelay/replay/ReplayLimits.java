package io.outboxrelay.replay;

import io.outboxrelay.breaker.Backoff;
import java.time.Duration;

/**
 * The limits of replays.
 *
 * @param backoff the pauses between attempts to publish an event
 * @param interval the time between two looks at the table of requests
 * @param patience the longest time to wait for an answer of the database
 * @param batchBytes the approximate bytes of one batch
 * @param maxEventBytes most bytes of a payload, and of the headers
 */
public record ReplayLimits(
    Backoff backoff, Duration interval, Duration patience, long batchBytes, long maxEventBytes) {}

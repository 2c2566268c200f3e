/**
 * Publishes the pages of a shard and keeps the order of each aggregate.
 *
 * <p>This package holds the partitions, the queues and retries per aggregate, and the redelivery of
 * events in memory. It does not read the outbox, which is the task of {@code window}, it does not
 * write dead letters itself, which is the task of {@code deadletter}, and it asks {@code breaker}
 * which destinations accept events.
 *
 * <p>Begin with {@link io.outboxrelay.dispatch.Partitions#publish}, then read {@code
 * OrderedDispatcher}.
 */
@NullMarked
package io.outboxrelay.dispatch;

import org.jspecify.annotations.NullMarked;

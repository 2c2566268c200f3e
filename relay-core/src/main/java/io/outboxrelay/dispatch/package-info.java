/**
 * Publishes the pages of a shard and keeps the order of each aggregate.
 *
 * <p>This package holds the partitions, the queues and retries per aggregate, and the part of a
 * redelivery that works in memory. Reading the outbox is in {@code window}, writing dead letters is
 * in {@code deadletter}, and {@code breaker} tells which destinations accept events.
 *
 * <p>Begin with {@link io.outboxrelay.dispatch.Partitions#publish}, then read {@code
 * OrderedDispatcher}.
 */
@NullMarked
package io.outboxrelay.dispatch;

import org.jspecify.annotations.NullMarked;

/**
 * Publishes the pages of a shard and keeps the order of each aggregate.
 *
 * <p>This package holds the partitions, the queues and retries per aggregate, the circuit breakers
 * of the destinations, and the redelivery of events in memory. It does not read the outbox, which
 * is the task of {@code window}, and it does not write dead letters itself, which is the task of
 * {@code deadletter}.
 *
 * <p>Begin with {@link io.outboxrelay.dispatch.Partitions#publish}, then read {@code
 * OrderedDispatcher}.
 */
@NullMarked
package io.outboxrelay.dispatch;

import org.jspecify.annotations.NullMarked;

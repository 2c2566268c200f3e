/**
 * The relays of one outbox: which of them run, and how they share out the shards.
 *
 * <p>Relays see one another in PostgreSQL's advisory locks, and each relay computes the same
 * assignment from the same snapshot of these locks. This package never guarantees that a shard has
 * one owner: the lease in {@code leadership} does. This package also compares the configurations of
 * the relays.
 *
 * <p>Begin with {@link io.outboxrelay.membership.Membership}, then read {@code RebalanceDecision},
 * which computes how many shards a relay must acquire or release, and {@code FreeShardSelector},
 * which chooses the free shards that the relay acquires.
 */
@NullMarked
package io.outboxrelay.membership;

import org.jspecify.annotations.NullMarked;

/**
 * The entry point: {@link io.outboxrelay.relay.Relay} publishes one outbox to one broker.
 *
 * <p>This package starts and stops the parts of a relay and follows a change of the number of
 * shards. It decides nothing about a single shard: owning one is in {@code leadership}, publishing
 * one is in {@code pipeline}, sharing them out among relays is in {@code membership}, and the
 * status is in {@code status}.
 *
 * <p>Begin with {@link io.outboxrelay.relay.Relay}, then read {@code ShardGroup};
 * docs/architecture.md shows how the packages work together.
 */
@NullMarked
package io.outboxrelay.relay;

import org.jspecify.annotations.NullMarked;

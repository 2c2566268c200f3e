/**
 * The entry point: {@link io.outboxrelay.relay.Relay} publishes one outbox to one broker.
 *
 * <p>This package starts and stops the parts of a relay and follows a change of the number of
 * shards. It decides nothing about a single shard: {@code leadership} owns a shard, {@code
 * pipeline} publishes it, and {@code membership} shares out the shards among the relays. The status
 * is in {@code status}.
 *
 * <p>Begin with {@link io.outboxrelay.relay.Relay}, then read {@code ShardGroup};
 * docs/architecture.md shows how the packages work together.
 */
@NullMarked
package io.outboxrelay.relay;

import org.jspecify.annotations.NullMarked;

/**
 * The relay itself: it reads the shards that it owns, hands pages to the partitions, and writes the
 * checkpoint.
 *
 * <p>This package holds the lease and the terms of leadership, the membership and rebalancing of
 * several relays, the pump of a shard with its pauses, and the status. Reading the table is in
 * {@code window}, ordering and retries are in {@code dispatch}, and the broker SPI is in {@code
 * publish}.
 *
 * <p>Begin with {@link io.outboxrelay.relay.Relay}, then read {@code ShardVerticle}, {@code
 * LeadershipTerm} and {@code PagePump}; docs/architecture.md shows how they work together.
 */
@NullMarked
package io.outboxrelay.relay;

import org.jspecify.annotations.NullMarked;

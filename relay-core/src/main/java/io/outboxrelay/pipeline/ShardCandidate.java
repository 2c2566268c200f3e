package io.outboxrelay.pipeline;

import io.outboxrelay.membership.RelayIdentity;
import io.outboxrelay.metrics.ReplayMetrics;
import io.outboxrelay.metrics.ShardMetrics;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.publish.Broker;

/**
 * A relay that wants to own a shard.
 *
 * @param broker for replays, which do not go through the partitions
 * @param metrics of the shard
 * @param replays metrics of replays
 * @param onCall called, repeatedly, while all owners are asked to release their shards for a
 *     re-sharding
 * @param onBrokerCall called, repeatedly, while an owner that cannot reach its broker asks the
 *     other relays to
 */
public record ShardCandidate(
    ShardKey share,
    RelayIdentity self,
    Broker broker,
    ShardMetrics metrics,
    ReplayMetrics replays,
    Runnable onCall,
    Runnable onBrokerCall) {}

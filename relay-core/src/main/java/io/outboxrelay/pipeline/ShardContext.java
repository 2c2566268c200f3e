package io.outboxrelay.pipeline;

import io.outboxrelay.config.RelayConfig;
import io.outboxrelay.dispatch.Partitions;
import io.outboxrelay.health.ShardHealth;
import io.outboxrelay.metrics.ShardMetrics;
import io.outboxrelay.outbox.OutboxNames;
import io.outboxrelay.outbox.PayloadType;
import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.window.TableSource;
import io.vertx.core.Vertx;

/**
 * The objects that all terms of one shard in this relay share.
 *
 * @param partitions publish the events of this shard only
 * @param onCall called, repeatedly, while all owners are asked to release their shards for a
 *     re-sharding
 * @param onBrokerCall called, repeatedly, while an owner that cannot reach the broker asks if
 *     another relay can reach it
 */
public record ShardContext(
    RelayContext relay,
    ShardKey share,
    Partitions partitions,
    Runnable onCall,
    Runnable onBrokerCall) {
  public Vertx vertx() {
    return relay.vertx();
  }

  public RelayConfig config() {
    return relay.config();
  }

  public OutboxNames names() {
    return relay.names();
  }

  public ShardHealth health() {
    return relay.health().shard(share.shard());
  }

  public ShardMetrics metrics() {
    return relay.metrics().shard(share.shard());
  }

  /** Returns the shard to read and the bounds of a page. */
  public TableSource.PageLimits pageLimits(PayloadType payload) {
    var config = config();
    return new TableSource.PageLimits(
        names(),
        share,
        payload,
        config.readAhead().pageEvents(),
        config.readAhead().pageBytes(),
        config.readAhead().maxEventBytes());
  }
}

package io.outboxrelay.config;

import io.outboxrelay.outbox.ShardKey;
import io.outboxrelay.settings.Settings;

/**
 * How the aggregates of an outbox are divided: among relays by shard, and inside a relay by
 * partition.
 *
 * @param shards number of shards among which the aggregates are divided; zero for the number that
 *     the outbox has
 * @param partitions the number of partitions among which a shard's aggregates are divided; each
 *     partition is a verticle with a separate publisher
 */
public record ShardingConfig(int shards, int partitions) {

  static ShardingConfig from(Settings in) {
    var config = new ShardingConfig(in.number("shards", 0), in.number("partitions", 1));
    config.check(in);
    return config;
  }

  private void check(Settings in) {
    in.require(
        shards >= 0 && shards <= ShardKey.MOST, "shards", "must be from 1 to " + ShardKey.MOST);
    in.require(partitions >= 1 && partitions <= 64, "partitions", "must be from 1 to 64");
  }
}

package io.outboxrelay.leadership;

import io.outboxrelay.format.CountFormat;

/** Signals that the outbox has another number of shards than this relay assumed. */
public final class ShardCountChangedException extends RuntimeException {
  private final int shards;

  /**
   * @param shards the actual number of shards
   */
  ShardCountChangedException(int shards) {
    super("the outbox has " + CountFormat.of(shards, "shard"), null, false, false);
    this.shards = shards;
  }

  int shards() {
    return shards;
  }
}

package io.outboxrelay.leadership;

/** Signals that the outbox has another number of shards than this relay assumed. */
final class ShardCountChangedException extends RuntimeException {
  private final int shards;

  /**
   * @param shards the actual number of shards
   */
  ShardCountChangedException(int shards) {
    super("the outbox has " + shards + " shards", null, false, false);
    this.shards = shards;
  }

  int shards() {
    return shards;
  }
}

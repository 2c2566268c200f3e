package io.outboxrelay.relay;

/** The outbox is divided among another number of shards than this relay took for granted. */
final class ShardCountChangedException extends RuntimeException {
  private final int shards;

  /**
   * @param shards how many there are
   */
  ShardCountChangedException(int shards) {
    super("the outbox has " + shards + " shards", null, false, false);
    this.shards = shards;
  }

  int shards() {
    return shards;
  }
}

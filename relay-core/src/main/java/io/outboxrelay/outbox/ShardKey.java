package io.outboxrelay.outbox;

/**
 * The aggregates that belong to one shard: an aggregate belongs to the shard to which its id
 * hashes.
 *
 * <p>PostgreSQL divides hash-partitioned tables by the same function, and therefore keeps its
 * results from version to version.
 *
 * @param shard from 0
 * @param of the number of shards
 */
public record ShardKey(int shard, int of) {
  /** The most shards. Each shard has a reader, so more would load the server too much. */
  public static final int MOST = 64;

  private static final String HASH = "coalesce(hashtextextended(%s, 0), 0) & 2147483647";

  /** A fixed text of which two servers' hashes are compared. */
  public static final String PROBE_TEXT = "outbox-relay";

  /**
   * The hash of a fixed text. If it changes, the server hashes differently and the shards are no
   * longer valid.
   */
  public static final String PROBE = "hashtextextended('" + PROBE_TEXT + "', 0)";

  public ShardKey {
    if (shard < 0 || shard >= of) {
      throw new IllegalArgumentException("there is no shard " + shard + " of " + of);
    }
  }

  /** Returns the key of the only shard, which holds all aggregates. */
  public static ShardKey all() {
    return new ShardKey(0, 1);
  }

  /** Returns an SQL condition on {@code aggregate_id} that is true for the shard's aggregates. */
  public String mine() {
    return of == 1 ? "true" : shardOf("aggregate_id", Integer.toString(of)) + " = " + shard;
  }

  /** Returns an SQL expression for the number of the shard to which an aggregate belongs. */
  public static String shardOf(String aggregateId, String shards) {
    return "mod(" + HASH.formatted(aggregateId) + ", " + shards + ")";
  }

  @Override
  public String toString() {
    return of == 1 ? "shard 0" : "shard " + shard + " of " + of;
  }
}

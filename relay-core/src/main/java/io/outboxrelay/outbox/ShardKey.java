package io.outboxrelay.outbox;

/**
 * The part of the aggregates that belongs to one shard: those whose id hashes to it.
 *
 * <p>PostgreSQL itself divides partitioned tables by the same function, and so keeps its results
 * from version to version.
 *
 * @param shard from 0
 * @param of how many shards there are
 */
public record ShardKey(int shard, int of) {
  /** More would have more readers than any server likes. */
  public static final int MOST = 64;

  private static final String HASH = "coalesce(hashtextextended(%s, 0), 0) & 2147483647";

  /** What the hash of a text known to all must be for the shards to stay what they are. */
  public static final String PROBE = "hashtextextended('outbox-relay', 0)";

  public ShardKey {
    if (shard < 0 || shard >= of) {
      throw new IllegalArgumentException("there is no shard " + shard + " of " + of);
    }
  }

  /** All aggregates. */
  public static ShardKey all() {
    return new ShardKey(0, 1);
  }

  /** An SQL condition on {@code aggregate_id} that holds for the shard's aggregates. */
  public String mine() {
    return of == 1 ? "true" : shardOf("aggregate_id", Integer.toString(of)) + " = " + shard;
  }

  /** The number of the shard that an aggregate belongs to, in SQL. */
  public static String shardOf(String aggregateId, String shards) {
    return "mod(" + HASH.formatted(aggregateId) + ", " + shards + ")";
  }

  @Override
  public String toString() {
    return of == 1 ? "shard 0" : "shard " + shard + " of " + of;
  }
}

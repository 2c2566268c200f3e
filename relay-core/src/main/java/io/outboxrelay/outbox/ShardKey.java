package io.outboxrelay.outbox;

/**
 * The aggregates that belong to one shard: an aggregate belongs to the shard to which its id
 * hashes.
 *
 * <p>The hash function is the one by which PostgreSQL divides hash-partitioned tables. Its results
 * are therefore equal in all versions of PostgreSQL.
 *
 * @param shard the number of the shard, from 0
 * @param of the number of shards
 */
public record ShardKey(int shard, int of) {
  /**
   * The highest number of shards that an outbox may have. Each shard has a reader, so more shards
   * would load the server too much.
   */
  public static final int MOST = 64;

  private static final String HASH = "coalesce(hashtextextended(%s, 0), 0) & 2147483647";

  /** A fixed text. Two servers hash alike if their hashes of this text are equal. */
  public static final String PROBE_TEXT = "outbox-relay";

  /**
   * An SQL expression for the hash of a fixed text. If its value changes, the server hashes
   * differently and the shards are no longer valid.
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

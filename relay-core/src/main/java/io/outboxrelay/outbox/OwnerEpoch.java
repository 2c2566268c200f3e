package io.outboxrelay.outbox;

/**
 * The epoch under which a relay owns a shard. A statement that contains {@link #isOurs} changes
 * nothing once a later epoch has begun.
 *
 * @param shard from 0
 * @param epoch the epoch that the checkpoint got when this relay took over the shard
 */
public record OwnerEpoch(int shard, long epoch) {
  /**
   * A query that yields one row as long as the epoch is this one, and none afterwards; to stand in
   * a {@code with} clause.
   *
   * <p>The lock makes a successor wait with its claim until the statement is committed, so what the
   * statement has written is there when the successor looks. It does not hold up checkpoints: they
   * leave the epoch alone, which is part of a unique index, and that is what a key lock protects.
   *
   * @param shard the parameter that holds the shard, such as {@code $1}
   * @param epoch the parameter that holds the epoch
   */
  public static String isOurs(OutboxNames names, String shard, String epoch) {
    return "select 1 as ours from %s where shard = %s and epoch = %s for key share"
        .formatted(names.checkpoint(), shard, epoch);
  }

  /** Returns the message for a statement that changed nothing because the epoch has ended. */
  public String over() {
    return "another relay has taken over shard %d since epoch %d".formatted(shard, epoch);
  }
}

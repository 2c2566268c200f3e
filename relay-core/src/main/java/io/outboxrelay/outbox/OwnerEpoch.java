package io.outboxrelay.outbox;

/**
 * The epoch under which a relay owns a shard. A statement that contains {@link #isOurs} changes
 * nothing once a later epoch has begun.
 *
 * @param shard the number of the shard, from 0
 * @param epoch the epoch that the checkpoint got when this relay took over the shard
 */
public record OwnerEpoch(int shard, long epoch) {
  /**
   * Returns a query for a {@code with} clause. It yields one row while the epoch is the current
   * one, and none afterwards.
   *
   * <p>The query locks the checkpoint row until the statement is committed. The next owner of the
   * shard waits for that lock before it takes over, so it sees everything that the statement has
   * written. The lock does not block checkpoints. It is a key lock, which protects only the columns
   * of unique indexes, such as the epoch, and a checkpoint does not change the epoch.
   *
   * @param shard the parameter that holds the shard, such as {@code $1}
   * @param epoch the parameter that holds the epoch
   */
  public static String isOurs(OutboxNames names, String shard, String epoch) {
    return "select 1 as ours from %s where shard = %s and epoch = %s for key share"
        .formatted(names.checkpoint(), shard, epoch);
  }

  /** Thrown if a statement changed nothing because its epoch is not the current one. */
  public static final class NotCurrentException extends RuntimeException {
    public NotCurrentException(String message) {
      super(message, null, false, false);
    }
  }

  /** Returns the failure of a statement that changed nothing because the epoch has ended. */
  public NotCurrentException over() {
    return new NotCurrentException(
        "another relay has taken over shard %d since epoch %d, or its row of the checkpoint was deleted"
            .formatted(shard, epoch));
  }
}

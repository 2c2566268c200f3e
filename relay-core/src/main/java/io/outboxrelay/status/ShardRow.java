package io.outboxrelay.status;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The facts about one shard that the database holds; see {@link ShardStatusReader}. */
public record ShardRow(
    int shard,
    Ownership ownership,
    Progress progress,
    WaitingEvents waiting,
    ShardDeadLetters deadLetters) {

  /**
   * The relay that leads a shard.
   *
   * @param owner if a relay leads the shard, its name, or empty while the name is not known yet;
   *     otherwise the name of the relay that led the shard last
   * @param led true if a relay holds the lease
   * @param epoch the number of the latest term
   */
  public record Ownership(Optional<String> owner, boolean led, long epoch) {
    /**
     * Returns the name of the leading relay, or a phrase while the name is not known yet; empty if
     * no relay leads the shard.
     */
    Optional<String> leader() {
      return led
          ? Optional.of(owner.orElse("a relay that does not publish yet"))
          : Optional.empty();
    }
  }

  /**
   * The progress of a shard: its checkpoint, and the last number of the outbox's sequence.
   *
   * @param checkpointAge the time since the checkpoint was last written; a leader with progress
   *     writes it often
   * @param position the sequence number up to which the shard is confirmed
   * @param last the last number that the outbox's sequence has given out, for any shard
   * @param of the number of shards of the outbox
   */
  public record Progress(Duration checkpointAge, long position, long last, int of) {
    /**
     * Returns an estimate of the number of the shard's waiting events: an equal part of the numbers
     * that the sequence has given out after the position. The sequence has gaps, so the number of
     * events is usually lower.
     */
    long most() {
      return (last - position) / of;
    }
  }

  /**
   * The dead letters of a shard. They are counted up to {@link WaitingEvents#COUNTED} only.
   *
   * @param rejected rejected events without a requested redelivery
   * @param behind events that wait behind a rejected one or for their destination
   * @param parked aggregates that a rejected event blocks
   */
  public record ShardDeadLetters(long rejected, long behind, long parked) {
    /** No dead letter. */
    public static final ShardDeadLetters NONE = new ShardDeadLetters(0, 0, 0);
  }

  /**
   * Returns the relay that leads the shard now or led it last; empty if that relay is not known.
   */
  public Optional<String> owner() {
    return ownership.owner;
  }

  /** Returns true if a relay holds the lease. */
  public boolean led() {
    return ownership.led;
  }

  /**
   * Returns the name of the leading relay, or a phrase while the name is not known yet; empty if no
   * relay leads the shard.
   */
  public Optional<String> leader() {
    return ownership.leader();
  }

  /** Returns the total number of events that wait in {@code shards}. */
  public static long waiting(List<ShardRow> shards) {
    return shards.stream().mapToLong(shard -> shard.waiting().count()).sum();
  }
}

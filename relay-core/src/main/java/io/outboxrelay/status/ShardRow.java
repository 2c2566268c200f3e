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
   * @param owner the name of the relay that leads the shard, empty while it is not known yet; if
   *     none leads, the relay that led it last
   * @param led true if a relay holds the lease
   * @param epoch the number of the latest term
   */
  public record Ownership(Optional<String> owner, boolean led, long epoch) {
    /**
     * Returns the leading relay, or words for it while its name is not known yet; empty if none
     * leads.
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
   * @param of the number of shards
   */
  public record Progress(Duration checkpointAge, long position, long last, int of) {
    /** Returns the most events of the shard that can wait; sequences have gaps. */
    long most() {
      return (last - position) / of;
    }
  }

  /**
   * The dead letters of a shard, counted up to a bound.
   *
   * @param rejected rejected events without a requested redelivery
   * @param behind events that wait behind a rejected one or for their destination
   * @param parked aggregates that a rejected event blocks
   */
  public record ShardDeadLetters(long rejected, long behind, long parked) {
    /** No dead letter. */
    public static final ShardDeadLetters NONE = new ShardDeadLetters(0, 0, 0);
  }

  /** Returns the relay that leads the shard or led it last, if it is known. */
  public Optional<String> owner() {
    return ownership.owner;
  }

  /** Returns true if a relay holds the lease. */
  public boolean led() {
    return ownership.led;
  }

  /**
   * Returns the leading relay, or words for it while its name is not known yet; empty if none
   * leads.
   */
  public Optional<String> leader() {
    return ownership.leader();
  }

  /** Returns the number of events that wait in these shards. */
  public static long waiting(List<ShardRow> shards) {
    return shards.stream().mapToLong(shard -> shard.waiting().count()).sum();
  }
}

package io.outboxrelay.status;

import java.time.Duration;
import java.util.Optional;

/**
 * What the database shows of one shard; see {@link ShardStatusReader}.
 *
 * @param owner the relay that leads it, empty where its name is not known yet; if none leads, the
 *     relay that led it last
 * @param led whether a relay holds the lease
 * @param checkpointAge since the checkpoint was last written, as it is while there is progress
 * @param position the sequence number up to which it is confirmed
 * @param last the sequence number given out last, for any shard
 * @param of how many shards there are
 * @param counted events that wait, counted up to a bound. None where they were not to be counted
 * @param isMore whether there are more than were counted
 * @param oldest since the transaction of the oldest of these began
 * @param rejected dead letters that an operator must see to, counted up to a bound
 * @param behind dead letters that wait behind them or for their destination, the same
 * @param parked aggregates that a rejected event blocks, the same
 */
public record ShardObservationReader(
    int shard,
    Optional<String> owner,
    boolean led,
    long epoch,
    Duration checkpointAge,
    long position,
    long last,
    int of,
    long counted,
    boolean isMore,
    Optional<Duration> oldest,
    long rejected,
    long behind,
    long parked) {

  /** How many wait; beyond what was counted the most there can be, as sequences have gaps. */
  public long waiting() {
    return isMore ? Math.max(counted, (last - position) / of) : counted;
  }

  /** The relay that leads, in words where its name is not known yet; empty if none does. */
  public Optional<String> leader() {
    return led ? Optional.of(owner.orElse("a relay that does not publish yet")) : Optional.empty();
  }
}

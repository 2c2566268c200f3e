package io.outboxrelay.status;

import java.time.Duration;
import java.util.Optional;

/**
 * The facts about one shard that the database holds; see {@link ShardStatusReader}.
 *
 * @param owner the relay that leads the shard, empty while its name is not known yet; if none
 *     leads, the relay that led it last
 * @param led true if a relay holds the lease
 * @param checkpointAge since the checkpoint was last written; a leader with progress writes it
 *     often
 * @param position the sequence number up to which the shard is confirmed
 * @param last the sequence number given out last, for any shard
 * @param of the number of shards
 * @param counted waiting events, counted up to a bound; 0 if they were not to be counted
 * @param isMore true if there are more than were counted
 * @param oldest since the transaction of the oldest waiting event began
 * @param rejected rejected dead letters without a requested redelivery, counted up to the bound
 * @param behind dead letters that wait behind them or for their destination, counted up to the
 *     bound
 * @param parked aggregates blocked by a rejected event, counted up to the bound
 */
public record ShardRow(
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

  /**
   * Returns the number of waiting events. If there are more than were counted, it is an upper
   * bound, because sequences have gaps.
   */
  public long waiting() {
    return isMore ? Math.max(counted, (last - position) / of) : counted;
  }

  /**
   * Returns the leading relay, or words for it while its name is not known yet; empty if none
   * leads.
   */
  public Optional<String> leader() {
    return led ? Optional.of(owner.orElse("a relay that does not publish yet")) : Optional.empty();
  }
}

package io.outboxrelay.status;

import java.time.Duration;
import java.util.Optional;

/**
 * The known facts about one shard.
 *
 * @param leadership the relay that leads the shard
 * @param waiting the committed events of the shard that are not confirmed yet
 * @param quiet the time since the last confirm; empty if the time is not known
 * @param pace the recent rates of confirmed and written events; empty if the rates are not known
 */
public record ShardObservation(
    int shard,
    Leadership leadership,
    WaitingEvents waiting,
    Optional<Duration> quiet,
    Optional<Pace> pace) {

  /**
   * The relay that leads a shard.
   *
   * @param leader the name of the relay that leads the shard now; empty if no relay leads it
   * @param last the name of the relay that led the shard last, if no relay leads it now
   * @param isMine true if the leader is the relay that reports the status
   */
  public record Leadership(Optional<String> leader, Optional<String> last, boolean isMine) {
    /** Returns the leadership of a shard that the relay {@code self} leads and reports about. */
    static Leadership of(String self) {
      return new Leadership(Optional.of(self), Optional.of(self), true);
    }
  }

  /**
   * The recent rates of a shard.
   *
   * @param out confirmed events per second
   * @param in written events per second
   */
  public record Pace(double out, double in) {}

  /** Returns the relay that leads the shard; empty if none does. */
  public Optional<String> leader() {
    return leadership.leader;
  }

  /** Returns true if the relay that reports the status leads the shard. */
  public boolean isMine() {
    return leadership.isMine;
  }
}

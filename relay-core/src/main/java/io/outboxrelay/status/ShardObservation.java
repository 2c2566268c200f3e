package io.outboxrelay.status;

import java.time.Duration;
import java.util.Optional;

/**
 * The known facts about one shard.
 *
 * @param leader the relay that leads it; empty if none does
 * @param last the relay that led it last, if none leads it now
 * @param isMine true if the relay that reports the status leads it
 * @param waiting committed events that are not confirmed yet
 * @param isMore true if there are more than were counted; {@code waiting} is then an upper bound,
 *     or the counted number
 * @param oldest how long ago the transaction of the oldest waiting event began; empty if none waits
 *     or it is not known
 * @param quiet how long nothing was confirmed; empty if that is not known
 * @param pace the recent rates of confirms and writes; empty if they are not known
 */
public record ShardObservation(
    int shard,
    Optional<String> leader,
    Optional<String> last,
    boolean isMine,
    long waiting,
    boolean isMore,
    Optional<Duration> oldest,
    Optional<Duration> quiet,
    Optional<Pace> pace) {

  /**
   * The recent rates in events per second.
   *
   * @param out confirmed events
   * @param in written events
   */
  public record Pace(double out, double in) {}
}

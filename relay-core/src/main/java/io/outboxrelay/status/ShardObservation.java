package io.outboxrelay.status;

import java.time.Duration;
import java.util.Optional;

/**
 * What is known of one shard.
 *
 * @param leader who leads it; empty for nobody
 * @param last who led it last, where nobody does
 * @param isMine whether the relay that is asked leads it
 * @param waiting committed events not yet confirmed
 * @param isMore whether there are more than were counted; {@code waiting} is then the most there
 *     can be, or what was counted
 * @param oldest how long ago the transaction of the oldest of them began; empty where none waits or
 *     it is not known
 * @param quiet how long nothing was confirmed; empty where that is not known
 * @param pace how fast the backlog shrinks; empty where that is not known
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
   * Events a second, of late.
   *
   * @param out confirmed
   * @param in written
   */
  public record Pace(double out, double in) {}
}

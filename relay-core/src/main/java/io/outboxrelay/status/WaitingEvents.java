package io.outboxrelay.status;

import java.time.Duration;
import java.util.Optional;

/**
 * The committed events of a shard that are not confirmed yet.
 *
 * @param count the number of events; an upper bound if {@code isMore}
 * @param isMore true if there are too many to be counted
 * @param oldest how long ago the transaction of the oldest one began; empty if none waits or it is
 *     not known
 */
public record WaitingEvents(long count, boolean isMore, Optional<Duration> oldest) {
  /**
   * The most waiting events, and the most dead letters, that are counted for a shard. If more
   * events wait, their number is estimated from the sequence.
   */
  static final int COUNTED = 1_000;

  /** No event waits. */
  public static final WaitingEvents NONE = new WaitingEvents(0, false, Optional.empty());

  /**
   * Returns the result of a count. If there are more than {@link #COUNTED} events, the number is
   * estimated from the sequence, which has gaps, so it is an upper bound.
   *
   * @param counted the number of events found, at most one more than {@link #COUNTED}
   * @param estimate the most events that there can be
   */
  public static WaitingEvents counted(long counted, long estimate, Optional<Duration> oldest) {
    return counted > COUNTED
        ? new WaitingEvents(Math.max(COUNTED, estimate), true, oldest)
        : new WaitingEvents(counted, false, oldest);
  }

  /** Returns these events, of which there are at least {@code known}. */
  WaitingEvents atLeast(long known) {
    return new WaitingEvents(Math.max(count, known), isMore, oldest);
  }
}

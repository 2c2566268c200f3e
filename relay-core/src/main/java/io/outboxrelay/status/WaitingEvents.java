package io.outboxrelay.status;

import java.time.Duration;
import java.util.Optional;

/**
 * The committed events of a shard that are not confirmed yet.
 *
 * @param count the number of events; an estimate if {@code isMore}
 * @param isMore true if there are more than {@link #COUNTED}, so that they are not all counted
 * @param oldest how long ago the transaction of the oldest waiting event began; empty if none waits
 *     or the time is not known
 */
public record WaitingEvents(long count, boolean isMore, Optional<Duration> oldest) {
  /**
   * The limit of counting: at most this many waiting events, and as many dead letters, are counted
   * for a shard. If more events wait, their number is estimated from the sequence.
   */
  static final int COUNTED = 1_000;

  /** No event waits. */
  public static final WaitingEvents NONE = new WaitingEvents(0, false, Optional.empty());

  /**
   * Returns the result of a count. If more than {@link #COUNTED} events were found, their number is
   * the estimate.
   *
   * @param counted the number of events found, at most one more than {@link #COUNTED}
   * @param estimate the number of events as estimated from the sequence
   */
  public static WaitingEvents counted(long counted, long estimate, Optional<Duration> oldest) {
    return counted > COUNTED
        ? new WaitingEvents(Math.max(COUNTED, estimate), true, oldest)
        : new WaitingEvents(counted, false, oldest);
  }

  /** Returns these events with the count raised to {@code known} if it is lower. */
  WaitingEvents atLeast(long known) {
    return new WaitingEvents(Math.max(count, known), isMore, oldest);
  }
}

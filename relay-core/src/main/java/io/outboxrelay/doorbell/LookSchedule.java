package io.outboxrelay.doorbell;

/**
 * Decides how a reader waits between two looks at the outbox. A look is one query for new events.
 *
 * <ul>
 *   <li>At a low rate the reader waits for the doorbell. A NOTIFY for each commit then costs less
 *       than looks that find nothing.
 *   <li>At a higher rate, the reader looks by itself, one latency target after the last look.
 *       Writers then need not ring, and each look finds several events.
 *   <li>If each look finds many events, and the database answers more slowly than it could, the
 *       machine is fully used. The reader then looks less often, so that each look finds more
 *       events and leaves processor time to others.
 * </ul>
 *
 * <p>Reads no clock and starts no timer: all times are given, in nanoseconds of {@link
 * System#nanoTime}. RATIONALE.md shows the curves.
 *
 * <p>Not thread-safe: use it from one thread only.
 */
final class LookSchedule {
  /**
   * The reader looks by itself if at least this share of its looks would find something. At this
   * share, the rings cost the writers and the reader about as much as the looks that find nothing.
   */
  private static final double BUSY_SHARE = 0.6;

  /**
   * The reader looks by itself above this rate, whatever the latency target is. Transactions that
   * ring can commit only one after the other. If each commit takes 2 ms, this number of commits
   * takes two fifths of each second.
   */
  private static final double MOST_RINGS_PER_SECOND = 200;

  /**
   * Once the reader looks by itself, it returns to the doorbell when the rate of transactions falls
   * below this share of {@link #busyRate}.
   */
  private static final double CALM_SHARE = 2.0 / 3;

  /**
   * If a look finds fewer transactions than this on average, the reader looks as often as the
   * latency target requires, even on a fully used machine.
   */
  private static final double FEW_PER_LOOK = 8;

  /**
   * If a look finds at least this many transactions on average, the whole additional wait for the
   * delay is applied.
   */
  private static final double MANY_PER_LOOK = 16;

  /**
   * The additional wait is the delay multiplied by this factor. Measured with eight writers at full
   * load on two cores, see docs/performance.md.
   */
  private static final double TIMES_DELAY = 16;

  private final long target;
  private final long limit;
  private final long poll;
  private final long fallback;
  private final double busyRate;
  private final TransactionRate rate = new TransactionRate();
  private final AnswerDelay delay = new AnswerDelay();
  private boolean busy;
  private boolean lastWasEmpty;
  private long lastFound;

  /**
   * A wait between two looks. Both times are in nanoseconds from the start of the last look.
   *
   * @param soonest when a ring may cause the next look
   * @param latest when the next look is due without a ring
   */
  record Wait(long soonest, long latest) {}

  /**
   * @param now the current time
   */
  LookSchedule(DoorbellConfig config, long now) {
    target = config.latencyTarget().toNanos();
    limit = config.latencyLimit().toNanos();
    poll = config.pollInterval().toNanos();
    fallback = config.fallbackInterval().toNanos();
    busyRate = Math.min(MOST_RINGS_PER_SECOND, BUSY_SHARE / target * 1e9);
    lastFound = now;
  }

  /** Records how long the database took to answer a look. */
  void answeredAfter(long nanos) {
    delay.answeredAfter(nanos);
  }

  /**
   * Records the result of a look.
   *
   * @param transactions the number of transactions with new events that the look found, or an upper
   *     bound of it
   */
  void found(long transactions, long now) {
    lastWasEmpty = transactions == 0;
    if (!lastWasEmpty) {
      rate.found(transactions, now);
      lastFound = now;
    }
  }

  /**
   * Returns true if the reader is to look by itself, so that writers need not ring. The rate at
   * which this begins is higher than the rate at which it ends, because each change costs some
   * queries.
   */
  boolean isBusy(long now) {
    busy = rate.perSecond(now) >= (busy ? CALM_SHARE * busyRate : busyRate);
    return busy;
  }

  /**
   * Returns the next wait.
   *
   * @param hears true if a ring would arrive
   */
  Wait next(long now, boolean hears) {
    if (isBusy(now)) {
      long interval = interval(now);
      return new Wait(interval, interval);
    }
    // After a look that found nothing, a ring causes the next look only after the latency target,
    // because any role may send NOTIFY at any rate.
    return new Wait(lastWasEmpty ? target : 0, hears ? silence(now) : poll);
  }

  /**
   * Returns how long the reader waits for a ring: the time since events were last found, but at
   * least the poll interval and at most the fallback interval. If a ring is lost, its event is
   * therefore delayed by no more than the time without events before it, or the poll interval. An
   * outbox without events is read rarely.
   */
  private long silence(long now) {
    return Math.max(Math.min(poll, fallback), Math.min(now - lastFound, fallback));
  }

  private long interval(long now) {
    double perLook = rate.perSecond(now) * target / 1e9;
    double fullness = (perLook - FEW_PER_LOOK) / (MANY_PER_LOOK - FEW_PER_LOOK);
    double added = TIMES_DELAY * delay.nanos() * Math.max(0, Math.min(1, fullness));
    return Math.min(limit, target + (long) added);
  }
}

package io.outboxrelay.doorbell;

/**
 * Estimates how many transactions with new events are committed in a second. A transaction weighs
 * less the older it is: its weight falls to a third within a fifth of a second.
 *
 * <p>Not thread-safe: use it from one thread only.
 */
final class TransactionRate {
  /**
   * The time in which the weight of a transaction falls to about a third. The time is long enough:
   * for evenly spread commits at the rates that decide between waiting and looking, the error of
   * the estimate stays below a tenth. It is also short enough: a burst is recognised after some
   * tens of commits.
   */
  private static final double MEMORY_NANOS = 200e6;

  private double weight;
  private long at;

  /** Records {@code transactions} that were found at {@code now}. */
  void found(long transactions, long now) {
    weight = weightAt(now) + transactions;
    at = now;
  }

  /** Returns the transactions in a second, as estimated at {@code now}. */
  double perSecond(long now) {
    return weightAt(now) / MEMORY_NANOS * 1e9;
  }

  private double weightAt(long now) {
    return weight == 0 ? 0 : weight * Math.exp((at - now) / MEMORY_NANOS);
  }
}

package io.outboxrelay.demo;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The schedule of the transactions: evenly spread over each second, and shared by all connections.
 * If the writers are late, they do not wait until they have caught up.
 */
final class RateSchedule {
  private final long start = System.nanoTime();
  private final AtomicLong turns = new AtomicLong();
  private final int perSecond;
  private final StopRequest stop;

  RateSchedule(int perSecond, StopRequest stop) {
    this.perSecond = perSecond;
    this.stop = stop;
  }

  /** Waits until the next transaction is due; returns false if writing was stopped. */
  boolean awaitTurn() throws InterruptedException {
    long turn = turns.getAndIncrement();
    long seconds = TimeUnit.SECONDS.toNanos(turn / perSecond);
    long fraction = TimeUnit.SECONDS.toNanos(turn % perSecond) / perSecond;
    return !stop.requestedWithin(start + seconds + fraction - System.nanoTime());
  }
}

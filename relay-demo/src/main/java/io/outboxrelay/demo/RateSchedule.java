package io.outboxrelay.demo;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * When each transaction is due: evenly spread over each second, whichever connection is free to
 * write it. Who is late does not wait, until the schedule is caught up with.
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

  /** Waits until the next transaction is due; false where no more are wanted. */
  boolean awaitTurn() throws InterruptedException {
    long turn = turns.getAndIncrement();
    long seconds = TimeUnit.SECONDS.toNanos(turn / perSecond);
    long fraction = TimeUnit.SECONDS.toNanos(turn % perSecond) / perSecond;
    return !stop.requestedWithin(start + seconds + fraction - System.nanoTime());
  }
}

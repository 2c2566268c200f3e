package io.outboxrelay.testkit;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Measures the time from an event's commit to its arrival at a consumer. An event that arrives
 * before its writer has reported the commit took no time. Safe for all threads.
 *
 * @param <E> identifies an event
 */
public final class CommitLatencies<E> {
  private final Map<E, Long> committed = new ConcurrentHashMap<>();
  private final Map<E, Long> early = new ConcurrentHashMap<>();
  private final ConcurrentHistogram micros = new ConcurrentHistogram(3);
  private volatile boolean counting;

  /** Records that the commit of an event was acknowledged at this time. */
  public void committed(E event, long nanoTime) {
    committed.put(event, nanoTime);
    if (early.remove(event) != null && committed.remove(event) != null) {
      record(0);
    }
  }

  /** Records that an event has arrived for the first time at this time. */
  public void arrived(E event, long nanoTime) {
    var time = committed.remove(event);
    if (time != null) {
      record(nanoTime - time);
      return;
    }
    early.put(event, nanoTime);
    // If the writer called committed between these two lines, it found no early arrival.
    if (committed.remove(event) != null) {
      early.remove(event);
      record(0);
    }
  }

  private void record(long nanos) {
    if (counting) {
      micros.recordValue(Math.max(1, TimeUnit.NANOSECONDS.toMicros(nanos)));
    }
  }

  /** Forgets all measured times, and measures from now on. */
  public void start() {
    micros.reset();
    counting = true;
  }

  public void stop() {
    counting = false;
  }

  /**
   * Waits until all committed events have arrived, because a late one must count too.
   *
   * @throws IllegalStateException if one has not arrived within {@code limit}
   */
  public void awaitAll(Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!committed.isEmpty()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "%d events that were committed had not arrived at the consumer %d s after the last one;"
                    .formatted(committed.size(), limit.toSeconds())
                + " the figures would leave them out, so there are none");
      }
      Thread.sleep(5);
    }
  }

  /** Returns the number of measured events. */
  public long count() {
    return micros.getTotalCount();
  }

  /** Returns the time within which this percentage of the events arrived, in milliseconds. */
  public double millis(double percentile) {
    return micros.getValueAtPercentile(percentile) / 1000.0;
  }

  public double longestMillis() {
    return micros.getMaxValue() / 1000.0;
  }
}

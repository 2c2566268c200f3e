package io.outboxrelay.testkit;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Measures the time from an event's commit to its arrival at a consumer. If an event arrives before
 * its writer has reported the commit, its time counts as zero. This class is thread-safe.
 *
 * @param <E> identifies an event
 */
public final class CommitLatencies<E> {
  private final Map<E, Long> committed = new ConcurrentHashMap<>();
  private final Map<E, Long> early = new ConcurrentHashMap<>();
  private final ConcurrentHistogram micros = new ConcurrentHistogram(3);
  private volatile boolean counting;

  /** Records the time at which the server acknowledged the commit of an event. */
  public void committed(E event, long nanoTime) {
    committed.put(event, nanoTime);
    if (early.remove(event) != null && committed.remove(event) != null) {
      record(0);
    }
  }

  /**
   * Records the time of the first arrival of an event. Must not be called for repeated arrivals.
   */
  public void arrived(E event, long nanoTime) {
    var time = committed.remove(event);
    if (time != null) {
      record(nanoTime - time);
      return;
    }
    early.put(event, nanoTime);
    // If the writer called committed() between the two statements above, it found no early arrival,
    // so the time is recorded here.
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

  /** Discards all recorded times, and records times from now on. */
  public void start() {
    micros.reset();
    counting = true;
  }

  public void stop() {
    counting = false;
  }

  /**
   * Waits until all committed events have arrived, so that the times of late events are recorded as
   * well.
   *
   * @throws IllegalStateException if an event has not arrived within {@code limit}
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

  /**
   * Returns a percentile of the recorded times, in milliseconds: the time within which this
   * percentage of the events arrived.
   */
  public double millis(double percentile) {
    return micros.getValueAtPercentile(percentile) / 1000.0;
  }

  public double longestMillis() {
    return micros.getMaxValue() / 1000.0;
  }
}

package io.outboxrelay.bench;

import io.outboxrelay.bench.report.BenchmarkMetric;
import io.outboxrelay.bench.report.MeasuredFigures;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Measures the time from an event's commit to its arrival at a consumer, for all events or for a
 * sample.
 */
final class BenchmarkLatencies {
  static final BenchmarkMetric P50 = BenchmarkMetric.above("p50 ms", 2);
  static final BenchmarkMetric P99 = BenchmarkMetric.above("p99 ms", 2);
  static final BenchmarkMetric LONGEST = BenchmarkMetric.above("longest ms", 0);

  /** The longest time without an arrival. */
  static final BenchmarkMetric PAUSE = BenchmarkMetric.above("pause ms", 0);

  static final BenchmarkMetric EVENTS = new BenchmarkMetric("events timed", 0);

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final String NUMBER = "\"n\": ";

  private final Map<Long, Long> committed = new ConcurrentHashMap<>();
  private final Map<Long, Long> early = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final LongAdder arrivals = new LongAdder();
  private final AtomicLong lastArrival = new AtomicLong();
  private final LongAccumulator pause = new LongAccumulator(Math::max, 0);
  private final ConcurrentHistogram micros = new ConcurrentHistogram(3);
  private final int every;
  private volatile boolean counting;

  BenchmarkLatencies() {
    this(1);
  }

  /**
   * @param every measures one event in this many, because measuring all could cost too much; 0 for
   *     none
   */
  BenchmarkLatencies(int every) {
    this.every = every;
  }

  /** Returns a number for the next event, to be written to its payload as {@code "n": 42}. */
  long nextNumber() {
    return numbers.incrementAndGet();
  }

  /** Records that the commit of an event was acknowledged now. */
  void committed(long number) {
    if (!timed(number)) {
      return;
    }
    committed.put(number, System.nanoTime());
    Long arrival = early.remove(number);
    if (arrival != null && committed.remove(number) != null) {
      note(0);
    }
  }

  /** Records that a message has arrived now. */
  void arrived(String payload) {
    long now = System.nanoTime();
    arrivals.increment();
    long sinceLast = now - lastArrival.getAndSet(now);
    if (counting) {
      pause.accumulate(sinceLast);
    }
    long number = number(payload);
    if (!timed(number)) {
      return;
    }
    Long time = committed.remove(number);
    if (time != null) {
      note(now - time);
    } else {
      early.put(number, now);
      // If the writer called committed between these two lines, it found no early arrival.
      if (committed.remove(number) != null) {
        early.remove(number);
        note(0);
      }
    }
  }

  /** Returns the number of messages that have arrived, measured or not. */
  long arrivals() {
    return arrivals.sum();
  }

  /**
   * Waits until all measured events have arrived, because a late one must count too.
   *
   * @throws IllegalStateException if one has not arrived after 2 minutes
   */
  void awaitAll() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!committed.isEmpty()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "%d events that were committed had not arrived at the consumer %d s after the last one;"
                    .formatted(committed.size(), PATIENCE.toSeconds())
                + " the figures would leave them out, so there are none");
      }
      Thread.sleep(5);
    }
  }

  void start() {
    micros.reset();
    lastArrival.set(System.nanoTime());
    pause.reset();
    counting = true;
  }

  void stop() {
    counting = false;
  }

  /** Returns the figures since the start; none if no event was measured. */
  MeasuredFigures figures() {
    if (micros.getTotalCount() == 0) {
      return new MeasuredFigures();
    }
    return new MeasuredFigures()
        .with(P50, micros.getValueAtPercentile(50) / 1000.0)
        .with(P99, micros.getValueAtPercentile(99) / 1000.0)
        .with(LONGEST, micros.getMaxValue() / 1000.0)
        .with(PAUSE, pause.get() / 1e6)
        .with(EVENTS, (double) micros.getTotalCount());
  }

  private boolean timed(long number) {
    return number >= 0 && every > 0 && number % every == 0;
  }

  private void note(long nanos) {
    if (counting) {
      micros.recordValue(Math.max(1, nanos / 1000));
    }
  }

  /** Returns the event's number, or -1 if the payload has none. */
  private static long number(String payload) {
    int from = payload.indexOf(NUMBER);
    if (from < 0) {
      return -1;
    }
    from += NUMBER.length();
    int to = from;
    while (Character.isDigit(payload.charAt(to))) {
      to++;
    }
    return Long.parseLong(payload.substring(from, to));
  }
}

package io.outboxrelay.bench;

import io.outboxrelay.bench.report.BenchmarkMetric;
import io.outboxrelay.bench.report.MeasuredFigures;
import io.outboxrelay.testkit.CommitLatencies;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

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

  private final CommitLatencies<Long> latencies = new CommitLatencies<>();
  private final AtomicLong numbers = new AtomicLong();
  private final LongAdder arrivals = new LongAdder();
  private final AtomicLong lastArrival = new AtomicLong();
  private final LongAccumulator pause = new LongAccumulator(Math::max, 0);
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
    if (timed(number)) {
      latencies.committed(number, System.nanoTime());
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
    if (timed(number)) {
      latencies.arrived(number, now);
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
    latencies.awaitAll(PATIENCE);
  }

  void start() {
    lastArrival.set(System.nanoTime());
    pause.reset();
    counting = true;
    latencies.start();
  }

  void stop() {
    counting = false;
    latencies.stop();
  }

  /** Returns the figures since the start; none if no event was measured. */
  MeasuredFigures figures() {
    if (latencies.count() == 0) {
      return new MeasuredFigures();
    }
    return new MeasuredFigures()
        .with(P50, latencies.millis(50))
        .with(P99, latencies.millis(99))
        .with(LONGEST, latencies.longestMillis())
        .with(PAUSE, pause.get() / 1e6)
        .with(EVENTS, (double) latencies.count());
  }

  private boolean timed(long number) {
    return number >= 0 && every > 0 && number % every == 0;
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

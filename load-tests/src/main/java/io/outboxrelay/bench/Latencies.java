package io.outboxrelay.bench;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;

/** The time from each event's commit to its arrival at a consumer. */
final class Latencies {
  private final Map<Long, Long> committed = new ConcurrentHashMap<>();
  private final Map<Long, Long> early = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final ConcurrentHistogram micros = new ConcurrentHistogram(3);
  private volatile boolean counting;

  /** A number for the next event, to stand in its payload as {@code "n": 42}. */
  long nextNumber() {
    return numbers.incrementAndGet();
  }

  /** Notes that the commit of an event was acknowledged now. */
  void committed(long number) {
    committed.put(number, System.nanoTime());
    Long arrival = early.remove(number);
    if (arrival != null && committed.remove(number) != null) {
      note(0);
    }
  }

  /** Notes that a message has arrived now. */
  void arrived(String payload) {
    long now = System.nanoTime();
    long number = number(payload);
    Long time = committed.remove(number);
    if (time != null) {
      note(now - time);
    } else {
      early.put(number, now);
    }
  }

  void start() {
    micros.reset();
    counting = true;
  }

  void stop() {
    counting = false;
  }

  /** The longest since the start, in milliseconds. */
  double longestMillis() {
    return micros.getMaxValue() / 1000.0;
  }

  /** Since the start: median, 90th and 99th percentile, longest, in milliseconds; and how many. */
  @Override
  public String toString() {
    return "%9.2f %9.2f %9.2f %9.2f %,10d"
        .formatted(
            micros.getValueAtPercentile(50) / 1000.0,
            micros.getValueAtPercentile(90) / 1000.0,
            micros.getValueAtPercentile(99) / 1000.0,
            micros.getMaxValue() / 1000.0,
            micros.getTotalCount());
  }

  private void note(long nanos) {
    if (counting) {
      micros.recordValue(Math.max(1, nanos / 1000));
    }
  }

  private static long number(String payload) {
    int from = payload.indexOf("\"n\": ") + 5;
    int to = from;
    while (Character.isDigit(payload.charAt(to))) {
      to++;
    }
    return Long.parseLong(payload.substring(from, to));
  }
}

package io.outboxrelay.demo;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Measures the latency of events from the return of the commit to the consumer. Events of the first
 * two seconds are not counted, because the relay's JVM warms up and the consumer joins its topic.
 */
final class DemoLatencies {
  static final Duration WARM_UP = Duration.ofSeconds(2);
  private static final long LONGEST = TimeUnit.HOURS.toMicros(1);

  private final Histogram micros = new Histogram(LONGEST, 3);
  private long firstArrival;
  private boolean begun;

  /** Records an event that arrived at {@code now}, {@code nanos} after its commit. */
  void add(long nanos, long now) {
    if (!begun) {
      firstArrival = now;
      begun = true;
    }
    if (now - firstArrival >= WARM_UP.toNanos()) {
      micros.recordValue(Math.min(LONGEST, TimeUnit.NANOSECONDS.toMicros(nanos)));
    }
  }

  /** Returns a text such as {@code p50 2.1 ms, p99 7.0 ms}. */
  String summary() {
    return micros.getTotalCount() == 0
        ? "no latency measured yet"
        : "p50 " + millis(50) + ", p99 " + millis(99);
  }

  private String millis(double percentile) {
    double value = micros.getValueAtPercentile(percentile) / 1000.0;
    return String.format(Locale.ROOT, "%.1f ms", value);
  }
}

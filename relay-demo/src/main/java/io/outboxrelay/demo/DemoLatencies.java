package io.outboxrelay.demo;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * How long events were under way: from the commit's return to the consumer. Those of the first two
 * seconds are left out, in which the relay's JVM warms up and the consumer finds its topic.
 */
final class DemoLatencies {
  static final Duration WARM_UP = Duration.ofSeconds(2);
  private static final long LONGEST = TimeUnit.HOURS.toMicros(1);

  private final Histogram micros = new Histogram(LONGEST, 3);
  private long firstArrival;
  private boolean begun;

  /** An event arrived now, and was so long under way. */
  void add(long nanos, long now) {
    if (!begun) {
      firstArrival = now;
      begun = true;
    }
    if (now - firstArrival >= WARM_UP.toNanos()) {
      micros.recordValue(Math.min(LONGEST, TimeUnit.NANOSECONDS.toMicros(nanos)));
    }
  }

  /** Such as {@code p50 2.1 ms, p99 7.0 ms}. */
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

package io.outboxrelay.admin;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts callers' failed attempts, and says who has had too many.
 *
 * <p>Remembers a bounded number of addresses; whoever comes from more of them than that is slowed
 * down less. Used on one event loop.
 */
final class FailedAuthLimiter {
  /** So many wrong ones within {@link #WHILE}, and the next ones are answered slowly. */
  static final int MOST = 10;

  static final Duration WHILE = Duration.ofMinutes(1);
  static final int ADDRESSES = 1_000;

  private final Runnable counter;
  private final LongSupplier nanoTime;
  private final Map<String, Failures> byAddress = new LinkedHashMap<>();

  private record Failures(int count, long since) {}

  /**
   * @param counter called for each
   */
  FailedAuthLimiter(Runnable counter) {
    this(counter, System::nanoTime);
  }

  FailedAuthLimiter(Runnable counter, LongSupplier nanoTime) {
    this.counter = counter;
    this.nanoTime = nanoTime;
  }

  void failed(String address) {
    counter.run();
    var before = current(address);
    byAddress.put(
        address,
        before == null
            ? new Failures(1, nanoTime.getAsLong())
            : new Failures(before.count + 1, before.since));
    if (byAddress.size() > ADDRESSES) {
      byAddress.remove(byAddress.keySet().iterator().next());
    }
  }

  /** Whether there were too many from there lately. */
  boolean areTooMany(String address) {
    var failures = current(address);
    return failures != null && failures.count >= MOST;
  }

  private @Nullable Failures current(String address) {
    var failures = byAddress.get(address);
    if (failures != null && nanoTime.getAsLong() - failures.since > WHILE.toNanos()) {
      byAddress.remove(address);
      return null;
    }
    return failures;
  }
}

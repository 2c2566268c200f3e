package io.outboxrelay.admin;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts the failed attempts of each address, and tells which addresses have too many.
 *
 * <p>Only a limited number of addresses is remembered. A caller that uses more addresses is
 * therefore slowed down less. Used on one event loop.
 */
final class FailedAuthLimiter {
  /**
   * The number of failures of one address within {@link #WHILE} after which further wrong attempts
   * are answered slowly.
   */
  static final int MOST = 10;

  static final Duration WHILE = Duration.ofMinutes(1);
  static final int ADDRESSES = 1_000;

  private final Runnable counter;
  private final LongSupplier nanoTime;
  private final Map<String, Failures> byAddress = new LinkedHashMap<>();

  private record Failures(int count, long since) {}

  /**
   * @param counter called for each failed attempt
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

  /** Returns true if there were too many failures from this address within {@link #WHILE}. */
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

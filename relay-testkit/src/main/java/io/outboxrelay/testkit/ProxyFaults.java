package io.outboxrelay.testkit;

import io.outboxrelay.testkit.FaultProxy.Direction;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a proxy does to its connections now; read and changed on the proxy's event loop only. */
final class ProxyFaults {
  static final long UNLIMITED = Long.MAX_VALUE;

  private Duration latency = Duration.ZERO;
  private long bytesPerSecond = UNLIMITED;
  private @Nullable Direction hole;

  void latency(Duration latency) {
    this.latency = latency;
  }

  void bandwidth(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Widens the hole to {@code direction}, beside what it swallows already. */
  void blackHole(Direction direction) {
    hole = hole == null || hole == direction ? direction : Direction.BOTH;
  }

  void heal() {
    latency = Duration.ZERO;
    bytesPerSecond = UNLIMITED;
    hole = null;
  }

  long latencyNanos() {
    return latency.toNanos();
  }

  long bytesPerSecond() {
    return bytesPerSecond;
  }

  boolean swallows(Direction direction) {
    return hole == Direction.BOTH || hole == direction;
  }
}

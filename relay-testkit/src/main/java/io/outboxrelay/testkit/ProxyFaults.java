package io.outboxrelay.testkit;

import io.outboxrelay.testkit.FaultProxy.Direction;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The faults that a proxy applies to its connections. Used on the proxy's event loop only. */
final class ProxyFaults {
  static final long UNLIMITED = Long.MAX_VALUE;

  private Duration latency = Duration.ZERO;
  private long bytesPerSecond = UNLIMITED;
  private @Nullable Direction hole;
  private boolean vanished;

  void latency(Duration latency) {
    this.latency = latency;
  }

  void bandwidth(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /**
   * Stops the bytes in {@code direction}. If the other direction is stopped already, it stays
   * stopped.
   */
  void blackHole(Direction direction) {
    hole = hole == null || hole == direction ? direction : Direction.BOTH;
  }

  /** Stops all bytes, and prevents the proxy from making further connections to the server. */
  void vanish() {
    hole = Direction.BOTH;
    vanished = true;
  }

  void heal() {
    latency = Duration.ZERO;
    bytesPerSecond = UNLIMITED;
    hole = null;
    vanished = false;
  }

  boolean hasVanished() {
    return vanished;
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

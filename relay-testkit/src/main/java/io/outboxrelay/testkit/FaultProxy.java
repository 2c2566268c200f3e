package io.outboxrelay.testkit;

import java.time.Duration;

/**
 * Stands between a client and a server on the loopback interface, and spoils their connection.
 *
 * <p>Forwards bytes untouched until told otherwise, holding back a side that sends faster than the
 * other takes. Every method may be called from any thread, and has taken effect when it returns.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class FaultProxy implements AutoCloseable {
  /** The way bytes go. */
  public enum Direction {
    TO_SERVER,
    TO_CLIENT,
    BOTH
  }

  private FaultProxy() {}

  /** Starts a proxy in front of {@code host:port}, on a free port of 127.0.0.1. */
  public static FaultProxy to(String host, int port) {
    throw new UnsupportedOperationException("coming");
  }

  /** Where clients connect, on 127.0.0.1; the same for the life of the proxy. */
  public int port() {
    throw new UnsupportedOperationException("coming");
  }

  /** Delays every byte, in each direction, by this much. */
  public void latency(Duration delay) {
    throw new UnsupportedOperationException("coming");
  }

  /** Lets this many bytes a second pass, per connection and direction. */
  public void bandwidth(long bytesPerSecond) {
    throw new UnsupportedOperationException("coming");
  }

  /** Accepts connections and bytes, and forwards none of those that go this way until healed. */
  public void blackHole(Direction direction) {
    throw new UnsupportedOperationException("coming");
  }

  /** Closes all connections now; new ones are welcome. */
  public void cut() {
    throw new UnsupportedOperationException("coming");
  }

  /** Refuses new connections until healed; those that are open stay. */
  public void refuse() {
    throw new UnsupportedOperationException("coming");
  }

  /** Ends every fault; connections that lived through it go on, with what was held back. */
  public void heal() {
    throw new UnsupportedOperationException("coming");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("coming");
  }
}

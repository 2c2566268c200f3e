package io.outboxrelay.testkit;

import java.time.Duration;

/**
 * Starts, pauses and ends a server, in a container or as a local process. It does not depend on the
 * kind of server.
 */
interface ServerRunner {
  /**
   * Returns the second part of {@link TestService#origin()}, such as {@code a local process from
   * Maven artifacts}.
   */
  String kind();

  boolean controllable();

  /** Starts the server with its existing data; the caller waits until it answers. */
  void start();

  void kill();

  void stop();

  void pause();

  void resume();

  /** Returns true if the server has ended, or ends within {@code patience}. */
  boolean endedWithin(Duration patience);

  /** Returns the server's last log lines, for an error message. */
  String log();

  /** Ends the server and deletes its data. A second call has no effect. */
  void close();
}

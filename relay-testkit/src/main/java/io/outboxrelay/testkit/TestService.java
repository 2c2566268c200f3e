package io.outboxrelay.testkit;

/**
 * A real server that a test uses and can break.
 *
 * <p>The server is chosen in this order: a running server, if an environment variable contains its
 * address; a new container, if a container engine runs; otherwise a new process of this machine. A
 * server that the test kit started listens on the loopback interface only and keeps its data in a
 * directory of its own. It ends, and its data is deleted, at {@link #close()} or when this JVM ends
 * for any reason.
 *
 * <p>Only one thread at a time may call these methods.
 */
public interface TestService extends AutoCloseable {
  /**
   * Returns the server's version and how it was started, such as {@code PostgreSQL 17.11, a local
   * process from Maven artifacts}.
   */
  String origin();

  /**
   * Returns true if this server can be killed, stopped, paused and restarted; false if it is given
   * by its address. If the result is false, the methods for that throw {@link
   * UnsupportedOperationException}. A test that calls them should therefore be skipped if the
   * result is false.
   */
  boolean controllable();

  /** Returns the server's last log lines, for an error message. */
  default String log() {
    return "";
  }

  /** Ends the server at once, like {@code kill -9}. Its data stays. */
  void kill();

  /** Stops the server in order, and returns when it has ended. Its data stays. */
  void stop();

  /**
   * Freezes the server. Its connections stay open, the kernel may accept new ones, but nothing is
   * answered.
   */
  void pause();

  /** Continues a paused server. */
  void resume();

  /**
   * Starts the server again, on the same port and with its data. If the server still runs, it is
   * stopped first. Returns when the server answers.
   */
  void restart();

  /** Ends the server and deletes its data. A second call has no effect. */
  @Override
  void close();
}

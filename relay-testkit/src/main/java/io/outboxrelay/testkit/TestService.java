package io.outboxrelay.testkit;

/**
 * A real server that a test talks to, and can break.
 *
 * <p>Where it comes from is chosen in this order: an address given by an environment variable, a
 * container where an engine runs, a process of its own on this machine. Whatever the test kit
 * started listens on the loopback interface only, keeps its data in a directory of its own, and
 * ends, with its data, at {@link #close()} or with this JVM, however that ends.
 *
 * <p>The methods are for one thread at a time.
 */
public interface TestService extends AutoCloseable {
  /**
   * How this server was started, and its version, in one sentence: {@code PostgreSQL 17.11, a local
   * process from Maven artifacts}.
   */
  String origin();

  /**
   * Whether this server can be killed, stopped, paused and restarted; false for one that was given
   * by its address. Where false, those methods throw {@link UnsupportedOperationException}: let a
   * test that needs them assume this.
   */
  boolean controllable();

  /** The last lines that the server wrote, for whoever has to explain a failure. */
  default String log() {
    return "";
  }

  /** Ends the server at once and without warning, as {@code kill -9} does. Its data stays. */
  void kill();

  /** Ends the server in its orderly way, and returns when it has ended. Its data stays. */
  void stop();

  /**
   * Freezes the server: its connections stay open, new ones are accepted by the kernel at most, and
   * nothing is answered.
   */
  void pause();

  /** Lets a paused server go on. */
  void resume();

  /**
   * Starts the server again after {@link #kill()} or {@link #stop()}, on the same port and with the
   * same data; ends it first where it still runs. Returns when it answers.
   */
  void restart();

  /** Ends the server and deletes its data. A second call changes nothing. */
  @Override
  void close();
}

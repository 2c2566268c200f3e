package io.outboxrelay.testkit;

import java.time.Duration;

/** What a server runs in: starts it, freezes it and ends it, knowing nothing of what it serves. */
interface ServerRunner {
  /** Completes the sentence "PostgreSQL 17.11, ...". */
  String kind();

  boolean controllable();

  /** Starts the server on the data it has; the caller waits until it answers. */
  void start();

  void kill();

  void stop();

  void pause();

  void resume();

  /** Whether the server has ended; waits this long for it to happen. */
  boolean endedWithin(Duration patience);

  /** The last lines the server wrote, for an error message. */
  String log();

  /** Ends the server and deletes its data. A second call changes nothing. */
  void close();
}

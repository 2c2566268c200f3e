package io.outboxrelay.testkit;

import java.time.Duration;

/** The limit of every wait in tests and in the test kit. */
public final class TestTimeout {
  /**
   * Far longer than any event that a test waits for takes on a busy machine. If it has passed, the
   * event will not happen, and the test fails.
   */
  public static final Duration PATIENCE = Duration.ofSeconds(90);

  private TestTimeout() {}
}

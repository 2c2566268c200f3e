package io.outboxrelay.testkit;

import java.time.Duration;

/** The limit of every wait in tests and in the test kit. */
public final class TestTimeout {
  /**
   * Far longer than anything takes that is waited for, even on a busy machine, so that it ends only
   * what will never come.
   */
  public static final Duration PATIENCE = Duration.ofSeconds(90);

  private TestTimeout() {}
}

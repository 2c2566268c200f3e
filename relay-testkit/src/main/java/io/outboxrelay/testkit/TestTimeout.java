package io.outboxrelay.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** The limit of every wait in tests and in the test kit. */
public final class TestTimeout {
  /**
   * Far longer than any event that a test waits for takes on a busy machine. If it has passed, the
   * event will not happen, and the test fails.
   */
  public static final Duration PATIENCE = Duration.ofSeconds(90);

  private TestTimeout() {}

  /**
   * Waits until a future has completed, and returns its result.
   *
   * @throws AssertionError if it has not completed within {@link #PATIENCE}
   */
  public static <T> T done(Future<T> future) {
    try {
      return future.await(PATIENCE.toSeconds(), SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing happened within " + PATIENCE, e);
    }
  }
}

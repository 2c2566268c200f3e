package io.outboxrelay.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** Waits with one common limit, which all tests and the test kit use. */
public final class TestTimeout {
  /**
   * The limit of every wait. It is far longer than any event that a test awaits takes on a busy
   * machine. If the time has passed, the event will not happen, and the test fails.
   */
  public static final Duration PATIENCE = Duration.ofSeconds(90);

  private TestTimeout() {}

  /**
   * Waits until a future has completed, and returns its result.
   *
   * @throws AssertionError if the future has not completed within {@link #PATIENCE}
   */
  public static <T> T done(Future<T> future) {
    try {
      return future.await(PATIENCE.toSeconds(), SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing happened within " + PATIENCE, e);
    }
  }
}

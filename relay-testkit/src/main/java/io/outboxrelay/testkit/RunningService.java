package io.outboxrelay.testkit;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The common part of all {@link TestService} classes: starting, stopping, and waiting for an
 * answer.
 */
abstract class RunningService implements TestService {
  private static final Logger LOG = LoggerFactory.getLogger(RunningService.class);
  private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(50);

  private final ServerRunner runner;
  private String origin;

  /**
   * @param runner runs a server that has been started, and that may not answer yet
   */
  RunningService(ServerRunner runner) {
    this.runner = runner;
    this.origin = runner.kind();
  }

  /** Returns the server's name and version; throws as long as it does not answer. */
  abstract String answer() throws Exception;

  /**
   * Waits until the server answers. If it does not, closes it. Each subclass calls this method
   * once, after construction.
   *
   * @throws IllegalStateException if the server has ended, or does not answer within 90 seconds
   */
  final void awaitFirstAnswer() {
    try {
      origin = awaitAnswer() + ", " + runner.kind();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    LOG.info("Using {}.", origin);
  }

  private String awaitAnswer() {
    var deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        return answer();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("Interrupted while waiting for a server to answer.", e);
      } catch (Exception e) {
        giveUpIfHopeless(deadline, e);
      }
    }
  }

  private void giveUpIfHopeless(long deadline, Exception lastAttempt) {
    var ended = runner.endedWithin(BETWEEN_ATTEMPTS);
    if (ended || System.nanoTime() > deadline) {
      var seen =
          ended ? "ended while starting" : "did not answer within " + PATIENCE.toSeconds() + " s";
      throw new IllegalStateException(
          "The server (%s) %s. The last lines of its log:%n%s"
              .formatted(origin, seen, runner.log()),
          lastAttempt);
    }
  }

  final ServerRunner runner() {
    return runner;
  }

  @Override
  public final String origin() {
    return origin;
  }

  @Override
  public final boolean controllable() {
    return runner.controllable();
  }

  @Override
  public final String log() {
    return runner.log();
  }

  @Override
  public void kill() {
    runner.kill();
  }

  @Override
  public final void stop() {
    runner.stop();
  }

  @Override
  public final void pause() {
    runner.pause();
  }

  @Override
  public final void resume() {
    runner.resume();
  }

  @Override
  public final void restart() {
    if (!runner.endedWithin(Duration.ZERO)) {
      runner.stop();
    }
    runner.start();
    awaitAnswer();
  }

  @Override
  public void close() {
    runner.close();
  }

  @Override
  public final String toString() {
    return origin;
  }
}

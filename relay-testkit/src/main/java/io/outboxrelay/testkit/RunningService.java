package io.outboxrelay.testkit;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The part of a service that is the same whatever it serves: its life. */
abstract class RunningService implements TestService {
  private static final Logger LOG = LoggerFactory.getLogger(RunningService.class);
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final Duration BETWEEN_ATTEMPTS = Duration.ofMillis(50);

  private final ServerRunner runner;
  private String origin;

  /** Takes a server that has been started, and has not answered yet. */
  RunningService(ServerRunner runner) {
    this.runner = runner;
    this.origin = runner.kind();
  }

  /** Asks the server for its name and version; fails as long as it does not answer. */
  abstract String answer() throws Exception;

  /** Called once, by whoever made this service; closes it if it never answers. */
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

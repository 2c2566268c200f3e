package io.outboxrelay.testkit;

import java.time.Duration;

/** A server that runs already: tests can use it, but cannot start, stop or pause it. */
final class ExternalServer implements ServerRunner {
  private final String variable;

  ExternalServer(String variable) {
    this.variable = variable;
  }

  @Override
  public String kind() {
    return "at the address given by " + variable;
  }

  @Override
  public boolean controllable() {
    return false;
  }

  @Override
  public void start() {
    throw refusal();
  }

  @Override
  public void kill() {
    throw refusal();
  }

  @Override
  public void stop() {
    throw refusal();
  }

  @Override
  public void pause() {
    throw refusal();
  }

  @Override
  public void resume() {
    throw refusal();
  }

  @Override
  public boolean endedWithin(Duration patience) {
    return false;
  }

  @Override
  public String log() {
    return "(its log is kept where it runs)";
  }

  @Override
  public void close() {}

  private UnsupportedOperationException refusal() {
    return new UnsupportedOperationException(
        "The server is given by its address in "
            + variable
            + ", so it can be used but not started, stopped or paused from here;"
            + " unset the variable to let the test kit start one of its own.");
  }
}

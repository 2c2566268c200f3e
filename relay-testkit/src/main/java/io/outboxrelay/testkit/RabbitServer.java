package io.outboxrelay.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Coming. */
@SuppressWarnings("DoNotCallSuggester")
public final class RabbitServer implements TestBroker {
  private RabbitServer() {}

  /** The server that the tests of this JVM share; started on first use, ended with the JVM. */
  public static RabbitServer shared() {
    throw new UnsupportedOperationException("coming");
  }

  /** A server of the caller's own, to break and to close. */
  public static RabbitServer start() {
    return builder().start();
  }

  public static Builder builder() {
    return new Builder();
  }

  public String host() {
    throw new UnsupportedOperationException("coming");
  }

  public int port() {
    throw new UnsupportedOperationException("coming");
  }

  @Override
  public String name() {
    throw new UnsupportedOperationException("coming");
  }

  @Override
  public Map<String, Object> settings() {
    throw new UnsupportedOperationException("coming");
  }

  @Override
  public String newDestination(Map<String, Object> options) {
    throw new UnsupportedOperationException("coming");
  }

  @Override
  public List<Message> consume(String destination, int count, Duration timeout) {
    throw new UnsupportedOperationException("coming");
  }

  @Override
  public Subscription subscribe(String destination, Consumer<Message> handler) {
    throw new UnsupportedOperationException("coming");
  }

  @Override
  public String origin() {
    throw new UnsupportedOperationException("coming");
  }

  @Override
  public boolean controllable() {
    throw new UnsupportedOperationException("coming");
  }

  @Override
  public void kill() {
    throw new UnsupportedOperationException("coming");
  }

  @Override
  public void stop() {
    throw new UnsupportedOperationException("coming");
  }

  @Override
  public void pause() {
    throw new UnsupportedOperationException("coming");
  }

  @Override
  public void resume() {
    throw new UnsupportedOperationException("coming");
  }

  @Override
  public void restart() {
    throw new UnsupportedOperationException("coming");
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException("coming");
  }

  /** What the server is started with; a server given by its address ignores all of it. */
  public static final class Builder {
    private Builder() {}

    /** A line of the server's configuration file. */
    public Builder setting(String name, Object value) {
      throw new UnsupportedOperationException("coming");
    }

    /** Starts the server; returns when it answers. */
    public RabbitServer start() {
      throw new UnsupportedOperationException("coming");
    }
  }
}

package io.outboxrelay.testkit;

import java.nio.file.Path;

/**
 * A PostgreSQL server with durable writes, a superuser with a password, and TLS offered.
 *
 * <p>{@code OUTBOX_TEST_POSTGRES=postgresql://user:password@host:port} names one that runs already.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class PostgresServer implements Service {
  private PostgresServer() {}

  /** The server that the tests of this JVM share; started on first use, ended with the JVM. */
  public static PostgresServer shared() {
    throw new UnsupportedOperationException("coming");
  }

  /** A server of the caller's own, to break and to close. */
  public static PostgresServer start() {
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

  public String user() {
    throw new UnsupportedOperationException("coming");
  }

  public String password() {
    throw new UnsupportedOperationException("coming");
  }

  /** {@code postgresql://user@host:port/database}: without the password. */
  public String uri(String database) {
    return "postgresql://" + user() + "@" + host() + ":" + port() + "/" + database;
  }

  /** The self-signed certificate the server shows, for {@code localhost} and 127.0.0.1, as PEM. */
  public Path certificate() {
    throw new UnsupportedOperationException("coming");
  }

  /** A fresh, empty database under a name of its own. */
  public Database createDatabase() {
    throw new UnsupportedOperationException("coming");
  }

  void drop(Database database) {
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

    /** A line of postgresql.conf, such as {@code commit_delay} and {@code 1000}. */
    public Builder setting(String name, Object value) {
      throw new UnsupportedOperationException("coming");
    }

    /**
     * The major version, such as 15; by default that of the Maven artifact, or the newest image.
     */
    public Builder version(int major) {
      throw new UnsupportedOperationException("coming");
    }

    /** Starts the server; returns when it answers. */
    public PostgresServer start() {
      throw new UnsupportedOperationException("coming");
    }
  }
}

package io.outboxrelay.testkit;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server with durable writes, a superuser with a password, and TLS offered.
 *
 * <p>{@code OUTBOX_TEST_POSTGRES=postgresql://user:password@host:port} names one that runs already.
 */
public final class PostgresServer extends RunningService {
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private final Address address;
  private final @Nullable Path certificate;
  private final @Nullable PostgresProcess process;

  /** Where it listens, and as whom to log in. */
  record Address(String host, int port, String user, String password) {}

  PostgresServer(ServerRunner runner, Address address, @Nullable Path certificate) {
    this(runner, address, certificate, null);
  }

  /**
   * @param process where it is a process of this machine
   */
  PostgresServer(
      ServerRunner runner,
      Address address,
      @Nullable Path certificate,
      @Nullable PostgresProcess process) {
    super(runner);
    this.address = address;
    this.certificate = certificate;
    this.process = process;
  }

  /** The server that the tests of this JVM share; started on first use, ended with the JVM. */
  public static PostgresServer shared() {
    return Shared.SERVER;
  }

  private static final class Shared {
    static final PostgresServer SERVER = start();
  }

  /** A server of the caller's own, to break and to close. */
  public static PostgresServer start() {
    return builder().start();
  }

  public static Builder builder() {
    return new Builder();
  }

  public String host() {
    return address.host();
  }

  public int port() {
    return address.port();
  }

  public String user() {
    return address.user();
  }

  public String password() {
    return address.password();
  }

  /** {@code postgresql://user@host:port/database}: without the password. */
  public String uri(String database) {
    return "postgresql://" + user() + "@" + host() + ":" + port() + "/" + database;
  }

  /**
   * The self-signed certificate the server shows, for {@code localhost} and 127.0.0.1, as PEM.
   *
   * @throws UnsupportedOperationException where the server is given by its address
   */
  public Path certificate() {
    if (certificate == null) {
      throw new UnsupportedOperationException(
          "Which certificate the server shows is not known: it runs " + runner().kind() + ".");
    }
    return certificate;
  }

  /** Whether the server and its files are on this machine, so that it can have a standby. */
  public boolean isLocal() {
    return process != null;
  }

  /**
   * A server that follows this one asynchronously. This one is restarted for it.
   *
   * @param port of 127.0.0.1, where it finds this server
   * @throws UnsupportedOperationException where {@link #isLocal} is false
   */
  public PostgresServer standby(int port) {
    if (process == null) {
      throw new UnsupportedOperationException(
          "The files of the server are not at hand: it runs " + runner().kind() + ".");
    }
    stop();
    var standby = process.standby(address, port);
    restart();
    standby.awaitFirstAnswer();
    return standby;
  }

  /** Makes a standby a server that can be written to; returns when it is. */
  public void promote() {
    administer("select pg_promote()");
  }

  /** A database that is there. */
  public TestDatabase database(String name) {
    return new TestDatabase(this, name);
  }

  /** A fresh, empty database under a name of its own. */
  public TestDatabase createDatabase() {
    // The process id keeps JVMs apart that share a server given by its address.
    var name = "test_%d_%d".formatted(ProcessHandle.current().pid(), DATABASES.incrementAndGet());
    administer("create database " + name);
    return new TestDatabase(this, name);
  }

  void drop(TestDatabase database) {
    administer("drop database if exists " + database.name() + " with (force)");
  }

  private void administer(String statement) {
    try {
      new TestDatabase(this, "postgres").execute(statement);
    } catch (SQLException e) {
      throw new IllegalStateException(statement + " failed on " + this, e);
    }
  }

  @Override
  String answer() throws SQLException {
    var within = Duration.ofSeconds(10);
    DriverManager.setLoginTimeout(Math.toIntExact(within.toSeconds()));
    try (var connection = new TestDatabase(this, "postgres").connect();
        var version = connection.createStatement().executeQuery("show server_version")) {
      version.next();
      return "PostgreSQL " + version.getString(1);
    }
  }

  /** What the server is started with; a server given by its address ignores all of it. */
  public static final class Builder {
    private final Map<String, String> settings = new LinkedHashMap<>();
    private @Nullable Integer major;
    private boolean inMemory;

    private Builder() {
      setting("max_connections", 100);
      setting("max_prepared_transactions", 10);
      setting("shared_buffers", "128MB");
    }

    /** A line of postgresql.conf, such as {@code commit_delay} and {@code 1000}. */
    public Builder setting(String name, Object value) {
      settings.put(name, value.toString());
      return this;
    }

    /**
     * The major version, such as 15; by default that of the Maven artifact, or the newest image.
     */
    public Builder version(int major) {
      this.major = major;
      return this;
    }

    /**
     * Keeps its files in memory, always as a local process: for those who measure, and set the time
     * that a commit takes by {@code commit_delay} alone.
     */
    public Builder inMemory() {
      inMemory = true;
      return this;
    }

    /** Starts the server; returns when it answers. */
    public PostgresServer start() {
      var server = choose();
      server.awaitFirstAnswer();
      return server;
    }

    private PostgresServer choose() {
      var given = System.getenv(ExternalPostgres.VARIABLE);
      if (given != null) {
        return ExternalPostgres.at(given);
      }
      if (inMemory) {
        return PostgresProcess.startInMemory(settings, major);
      }
      return ContainerEngine.orElse(
          () -> PostgresContainer.start(settings, major),
          () -> PostgresProcess.start(settings, major));
    }
  }
}

package io.outboxrelay.testkit;

import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server with durable writes, TLS, and a superuser with a password.
 *
 * <p>{@code OUTBOX_TEST_POSTGRES=postgresql://user:password@host:port} names a server that runs
 * already.
 */
public final class PostgresServer extends RunningService {
  private static final AtomicInteger DATABASES = new AtomicInteger();

  private final Address address;
  private final @Nullable Path certificate;
  private final @Nullable PostgresProcess process;

  /** The address of the server and the login of its superuser. */
  record Address(String host, int port, String user, String password) {}

  PostgresServer(ServerRunner runner, Address address, @Nullable Path certificate) {
    this(runner, address, certificate, null);
  }

  /**
   * @param process the process; null if the server is not a local process
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

  /**
   * Returns the server that the tests of this JVM share. It is started at the first call, and ends
   * with the JVM.
   */
  public static PostgresServer shared() {
    return Shared.SERVER;
  }

  private static final class Shared {
    static final PostgresServer SERVER = start();
  }

  /** Starts a server for the caller alone, which may break it and must close it. */
  public static PostgresServer start() {
    return builder().start();
  }

  /** Returns the major versions that the relay supports. */
  public static List<Integer> versions() {
    return List.of(13, 14, 15, 16, 17, 18);
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

  /** Returns {@code postgresql://user@host:port/database}, without the password. */
  public String uri(String database) {
    return "postgresql://" + user() + "@" + host() + ":" + port() + "/" + database;
  }

  /**
   * Returns the server's self-signed certificate for {@code localhost} and 127.0.0.1, as PEM.
   *
   * @throws UnsupportedOperationException if the server is given by its address
   */
  public Path certificate() {
    if (certificate == null) {
      throw new UnsupportedOperationException(
          "The server's certificate is not known, because the test kit did not start the server: it runs "
              + runner().kind()
              + ".");
    }
    return certificate;
  }

  /**
   * Returns true if the server and its files are on this machine, so that it can have a standby.
   */
  public boolean isLocal() {
    return process != null;
  }

  /**
   * Starts a standby that replicates this server asynchronously. This server is restarted.
   *
   * @param port the port on 127.0.0.1 through which the standby reaches this server
   * @throws UnsupportedOperationException if {@link #isLocal} is false
   */
  public PostgresServer standby(int port) {
    if (process == null) {
      throw new UnsupportedOperationException(
          "The files of the server are not on this machine: it runs " + runner().kind() + ".");
    }
    stop();
    var standby = process.standby(address, port);
    restart();
    standby.awaitFirstAnswer();
    return standby;
  }

  /** Promotes a standby; returns when the server accepts writes. */
  public void promote() {
    administer("select pg_promote()");
  }

  /** Returns an existing database. */
  public TestDatabase database(String name) {
    return new TestDatabase(this, name);
  }

  /** Creates an empty database with a new name. */
  public TestDatabase createDatabase() {
    // The process id makes the name unique among JVMs that share a server.
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

  /** The options of a server. A server given by its address ignores all of them. */
  public static final class Builder {
    private final Map<String, String> settings = new LinkedHashMap<>();
    private @Nullable Integer major;
    private boolean inMemory;

    private Builder() {
      setting("max_connections", 100);
      setting("max_prepared_transactions", 10);
      // The setting allows relays with relay.source auto or log to read the write-ahead log.
      setting("wal_level", "logical");
      setting("shared_buffers", "128MB");
    }

    /** Sets a line of postgresql.conf, such as {@code commit_delay} and {@code 1000}. */
    public Builder setting(String name, Object value) {
      settings.put(name, value.toString());
      return this;
    }

    /**
     * Sets the major version, such as 15. The default is the version of the Maven artifact, or 17
     * in a container.
     */
    public Builder version(int major) {
      this.major = major;
      return this;
    }

    /**
     * Keeps the server's files in memory and runs it as a local process. For benchmarks in which
     * only {@code commit_delay} determines the duration of a commit.
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

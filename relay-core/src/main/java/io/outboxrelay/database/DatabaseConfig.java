package io.outboxrelay.database;

import io.outboxrelay.settings.Secret;
import io.outboxrelay.settings.SecretFileException;
import io.outboxrelay.settings.Settings;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Which database holds the outbox and how to connect to it: the section {@code database}.
 *
 * @param hosts the servers that may hold it, in the order in which they are tried
 * @param target which of them will do
 * @param password empty where the server asks for none
 * @param connectTimeout how long a connection may take to be made, authentication included
 * @param properties run-time parameters that every connection starts with
 */
public record DatabaseConfig(
    List<DatabaseHost> hosts,
    TargetSession target,
    String database,
    String user,
    Optional<Secret> password,
    DatabaseTls tls,
    Duration connectTimeout,
    Map<String, String> properties) {

  /** What the server shows in {@code pg_stat_activity} unless the configuration says otherwise. */
  public static final String APPLICATION_NAME = "outbox-relay";

  /** A server that acknowledges nothing for so long is gone; only with the native transport. */
  private static final Duration USER_TIMEOUT = Duration.ofSeconds(30);

  public DatabaseConfig {
    hosts = List.copyOf(hosts);
    properties = Map.copyOf(properties);
  }

  /** Reads the section {@code database}; mistakes are noted in {@code root}. */
  public static DatabaseConfig from(Settings root) {
    var in = root.section("database");
    var uri = in.requiredParsed("uri", DatabaseUri::parse).orElse(DatabaseUri.NONE);
    var password = in.secret("password");
    in.require(
        password.isEmpty() || uri.password().isEmpty(),
        "uri",
        "has a password and database.password is there too; keep one of them");
    var connectTimeout = in.duration("connect-timeout", Duration.ofSeconds(10));
    in.require(connectTimeout.toMillis() >= 1, "connect-timeout", "must be at least 1ms");
    var properties = new HashMap<>(uri.properties());
    properties.putAll(in.section("properties").rest());
    return new DatabaseConfig(
        uri.hosts(),
        uri.target(),
        uri.database(),
        uri.user(),
        password.or(uri::password),
        DatabaseTls.from(in.section("tls"), uri.tlsMode().orElse(SslMode.PREFER)),
        connectTimeout,
        properties);
  }

  /** What a connection says to the first server. Reconnecting is left to the caller. */
  public PgConnectOptions toConnectOptions() {
    return toConnectOptions(hosts.get(0));
  }

  /**
   * The same for one of the servers. Reads the files of password and certificates, so that renewed
   * ones count from the next connection on; if {@link #readsFiles} it may block for as long.
   *
   * @throws DatabaseException.Refused if one of the files cannot be used
   */
  PgConnectOptions toConnectOptions(DatabaseHost host) {
    var options =
        new PgConnectOptions()
            .setHost(host.name())
            .setPort(host.port())
            .setDatabase(database)
            .setUser(user)
            .setPassword(readPassword())
            .setReconnectAttempts(0)
            .setCachePreparedStatements(true)
            .setProperties(startUpParameters());
    return tls.applyTo(options);
  }

  private String readPassword() {
    try {
      return password.map(Secret::value).orElse("");
    } catch (SecretFileException e) {
      throw DatabaseException.unreadable(this, e);
    }
  }

  /** Whether to connect takes the reading of files. */
  boolean readsFiles() {
    return password.map(Secret::isInFile).orElse(false) || tls.readsFiles();
  }

  /** The same of one of the servers only: for what is said of it. */
  DatabaseConfig at(DatabaseHost host) {
    return new DatabaseConfig(
        List.of(host), target, database, user, password, tls, connectTimeout, properties);
  }

  /**
   * The client's own defaults less {@code extra_float_digits}, which poolers refuse and servers of
   * today do not need.
   */
  private Map<String, String> startUpParameters() {
    var parameters = new HashMap<String, String>();
    parameters.put("application_name", APPLICATION_NAME);
    parameters.put("DateStyle", "ISO");
    parameters.putAll(properties);
    // The client knows no other.
    parameters.put("client_encoding", "utf8");
    return parameters;
  }

  /** How the connection's bytes travel. */
  public NetClientOptions toTransportOptions() {
    return new NetClientOptions()
        .setConnectTimeout(Math.toIntExact(connectTimeout.toMillis()))
        .setTcpKeepAlive(true)
        .setTcpUserTimeout(Math.toIntExact(USER_TIMEOUT.toMillis()));
  }

  /** Names the database in a summary or an error: server, database and user, never the password. */
  public String summary() {
    String servers = hosts.stream().map(DatabaseHost::toString).collect(Collectors.joining(","));
    return "PostgreSQL at " + servers + ", database " + database + ", user " + user;
  }
}

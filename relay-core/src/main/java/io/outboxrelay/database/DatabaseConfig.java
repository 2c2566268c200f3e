package io.outboxrelay.database;

import io.outboxrelay.settings.Secret;
import io.outboxrelay.settings.Settings;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which database holds the outbox and how to connect to it: the section {@code database}.
 *
 * @param password empty where the server asks for none
 * @param connectTimeout how long a connection may take to be made, authentication included
 * @param properties run-time parameters that every connection starts with
 */
public record DatabaseConfig(
    String host,
    int port,
    String database,
    String user,
    Optional<Secret> password,
    Tls tls,
    Duration connectTimeout,
    Map<String, String> properties) {

  /** What the server shows in {@code pg_stat_activity} unless the configuration says otherwise. */
  public static final String APPLICATION_NAME = "outbox-relay";

  /** A server that acknowledges nothing for so long is gone; only with the native transport. */
  private static final Duration USER_TIMEOUT = Duration.ofSeconds(30);

  public DatabaseConfig {
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
        uri.host(),
        uri.port(),
        uri.database(),
        uri.user(),
        password.or(uri::password),
        Tls.from(in.section("tls"), uri.tlsMode().orElse(SslMode.PREFER)),
        connectTimeout,
        properties);
  }

  /** What a connection says to the server. Reconnecting is left to the caller. */
  public PgConnectOptions toConnectOptions() {
    var options =
        new PgConnectOptions()
            .setHost(host)
            .setPort(port)
            .setDatabase(database)
            .setUser(user)
            .setPassword(password.map(Secret::value).orElse(""))
            .setReconnectAttempts(0)
            .setCachePreparedStatements(true)
            .setProperties(startUpParameters());
    return tls.applyTo(options);
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
    return "PostgreSQL at " + host + ":" + port + ", database " + database + ", user " + user;
  }
}

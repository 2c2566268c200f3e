package io.outboxrelay.database;

import io.outboxrelay.settings.Secret;
import io.outboxrelay.settings.SecretFileException;
import io.outboxrelay.settings.Settings;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * The settings of the section {@code database}: which database holds the outbox, and how to connect
 * to it.
 *
 * @param connectTimeout how long opening a connection may take, including authentication
 * @param properties run-time parameters with which every connection starts
 */
public record DatabaseConfig(
    DatabaseServers servers,
    String database,
    DatabaseCredentials login,
    DatabaseTls tls,
    Duration connectTimeout,
    Map<String, String> properties) {

  /** The name in {@code pg_stat_activity} if the configuration sets no other. */
  public static final String APPLICATION_NAME = "outbox-relay";

  /**
   * The time after which a connection is closed if the server acknowledges none of the sent data.
   * It has an effect with the native transport only.
   */
  private static final Duration USER_TIMEOUT = Duration.ofSeconds(30);

  public DatabaseConfig {
    properties = Map.copyOf(properties);
  }

  /** Reads the section {@code database}; mistakes are recorded in {@code root}. */
  public static DatabaseConfig from(Settings root) {
    var in = root.section("database");
    var uri = in.requiredParsed("uri", DatabaseUri::parse).orElse(DatabaseUri.NONE);
    var password = in.secret("password");
    in.require(
        password.isEmpty() || uri.login().password().isEmpty(),
        "uri",
        "has a password and database.password is there too; keep one of them");
    var connectTimeout = in.duration("connect-timeout", Duration.ofSeconds(10));
    in.require(connectTimeout.toMillis() >= 1, "connect-timeout", "must be at least 1ms");
    var properties = new HashMap<>(uri.properties());
    properties.putAll(in.section("properties").rest());
    return new DatabaseConfig(
        uri.servers(),
        uri.database(),
        new DatabaseCredentials(uri.login().user(), password.or(uri.login()::password)),
        DatabaseTls.from(in.section("tls"), uri.tlsMode().orElse(SslMode.PREFER)),
        connectTimeout,
        properties);
  }

  /** Returns the name of the database role of the relay. */
  public String user() {
    return login.user();
  }

  /** Returns the client's options for the first server. Reconnecting is left to the caller. */
  public PgConnectOptions toConnectOptions() {
    return toConnectOptions(servers.hosts().get(0));
  }

  /**
   * Returns the client's options for one of the servers. Reads the files of the password and the
   * certificates, so that renewed files are used from the next connection on. May block if {@link
   * #readsFiles}.
   *
   * @throws DatabaseException.Refused if one of the files cannot be used
   */
  PgConnectOptions toConnectOptions(DatabaseHost host) {
    var options =
        new PgConnectOptions()
            .setHost(host.name())
            .setPort(host.port())
            .setDatabase(database)
            .setUser(user())
            .setPassword(readPassword())
            .setReconnectAttempts(0)
            .setCachePreparedStatements(true)
            // Without this filter, the client would prepare each statement of more than 2,048
            // characters anew for every execution, and the server would plan it anew. The query of
            // a page and the query that looks for new events are that long.
            .setPreparedStatementCacheSqlFilter(sql -> true)
            .setProperties(startUpParameters());
    return tls.applyTo(options);
  }

  String readPassword() {
    try {
      return login.password().map(Secret::value).orElse("");
    } catch (SecretFileException e) {
      throw DatabaseException.unreadable(this, e);
    }
  }

  /** Returns true if connecting reads files. */
  boolean readsFiles() {
    return login.password().map(Secret::isInFile).orElse(false) || tls.readsFiles();
  }

  /** Returns this configuration limited to one of the servers, for messages about that server. */
  DatabaseConfig at(DatabaseHost host) {
    return new DatabaseConfig(servers.only(host), database, login, tls, connectTimeout, properties);
  }

  /**
   * Returns the parameters that the client sends at a start-up. Of the client's default parameters,
   * {@code extra_float_digits} is left out, because poolers refuse it and current servers do not
   * need it.
   */
  private Map<String, String> startUpParameters() {
    var parameters = new HashMap<String, String>();
    parameters.put("application_name", APPLICATION_NAME);
    parameters.put("DateStyle", "ISO");
    parameters.putAll(properties);
    // The client supports no other encoding.
    parameters.put("client_encoding", "utf8");
    return parameters;
  }

  /** Returns the options of the TCP connection. */
  public NetClientOptions toTransportOptions() {
    return new NetClientOptions()
        .setConnectTimeout(Math.toIntExact(connectTimeout.toMillis()))
        .setTcpKeepAlive(true)
        .setTcpUserTimeout(Math.toIntExact(USER_TIMEOUT.toMillis()));
  }

  /** Returns the server, database and user for a summary or an error; never the password. */
  public String summary() {
    return "PostgreSQL at " + servers + ", database " + database + ", user " + user();
  }
}

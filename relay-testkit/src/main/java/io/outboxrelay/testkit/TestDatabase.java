package io.outboxrelay.testkit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;

/**
 * A database of a {@link PostgresServer}. {@link #close()} drops it, even if clients are connected.
 */
public final class TestDatabase implements AutoCloseable {
  private final PostgresServer server;
  private final String name;

  TestDatabase(PostgresServer server, String name) {
    this.server = server;
    this.name = name;
  }

  public String name() {
    return name;
  }

  /** Returns the URI for the relay's configuration, without the password. */
  public String uri() {
    return server.uri(name);
  }

  /** Returns the settings with which a relay connects to this database as the superuser. */
  public Map<String, Object> settings() {
    return Map.of("database.uri", uri(), "database.password", server.password());
  }

  public PostgresServer server() {
    return server;
  }

  /**
   * Opens a JDBC connection as the server's superuser, in auto-commit mode; the caller closes it.
   */
  public Connection connect() throws SQLException {
    return connect(new Properties());
  }

  /**
   * Opens a connection like {@link #connect()}, with further properties of the PostgreSQL JDBC
   * driver.
   */
  public Connection connect(Properties properties) throws SQLException {
    var all = new Properties();
    all.setProperty("user", server.user());
    all.setProperty("password", server.password());
    all.putAll(properties);
    return DriverManager.getConnection(
        "jdbc:postgresql://" + server.host() + ":" + server.port() + "/" + name, all);
  }

  /** Runs one statement, or several separated by semicolons, on a new connection. */
  public void execute(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /**
   * Runs a query on a new connection, and returns the first column of its first row as text; {@code
   * "null"} for SQL's null.
   */
  public String query(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return String.valueOf(rows.getString(1));
    }
  }

  /**
   * Runs a query on a new connection, and returns the first column of its first row, which must be
   * a whole number.
   */
  public long number(String sql) throws SQLException {
    return Long.parseLong(query(sql));
  }

  @Override
  public void close() {
    server.drop(this);
  }
}

package io.outboxrelay.testkit;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** One database of a {@link PostgresServer}; closing it drops it, whoever is still connected. */
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

  /** As the relay's configuration wants it, without the password. */
  public String uri() {
    return server.uri(name);
  }

  public PostgresServer server() {
    return server;
  }

  /** A new JDBC connection as the server's superuser, in auto-commit mode; the caller closes it. */
  public Connection connect() throws SQLException {
    return connect(new Properties());
  }

  /** As {@link #connect()}, with properties of the PostgreSQL JDBC driver on top. */
  public Connection connect(Properties properties) throws SQLException {
    var all = new Properties();
    all.setProperty("user", server.user());
    all.setProperty("password", server.password());
    all.putAll(properties);
    return DriverManager.getConnection(
        "jdbc:postgresql://" + server.host() + ":" + server.port() + "/" + name, all);
  }

  /** Runs one statement, or several separated by semicolons, on a connection of its own. */
  public void execute(String sql) throws SQLException {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    server.drop(this);
  }
}

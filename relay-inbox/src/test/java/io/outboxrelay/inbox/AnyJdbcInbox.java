package io.outboxrelay.inbox;

import io.outboxrelay.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.postgresql.ds.PGSimpleDataSource;

final class AnyJdbcInbox implements AnyInbox {
  private final TestDatabase database;
  private final InboxTable table;
  private final PGSimpleDataSource source = new PGSimpleDataSource();
  private final JdbcInbox inbox;

  AnyJdbcInbox(TestDatabase database, InboxTable table, String consumer) {
    this.database = database;
    this.table = table;
    var server = database.server();
    source.setServerNames(new String[] {server.host()});
    source.setPortNumbers(new int[] {server.port()});
    source.setDatabaseName(database.name());
    source.setUser(server.user());
    source.setPassword(server.password());
    source.setApplicationName(consumer);
    this.inbox = JdbcInbox.of(source, table, consumer);
  }

  @Override
  public AnyInbox another(String consumer) {
    return new AnyJdbcInbox(database, table, consumer);
  }

  @Override
  public void install() throws SQLException {
    inbox.install();
  }

  @Override
  public InboxResult<String> handle(
      InboxMessage<String> received, Function<InboxResult<String>, String> effect)
      throws SQLException {
    return inbox.handle(
        received, (arrival, connection) -> execute(connection, effect.apply(arrival)));
  }

  @Override
  public List<InboxResult<String>> handleAll(
      List<InboxMessage<String>> received, Function<List<InboxResult<String>>, String> effect)
      throws SQLException {
    return inbox.handleAll(
        received, (arrivals, connection) -> execute(connection, effect.apply(arrivals)));
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public InboxResult<String> noteAndRollBack(InboxMessage<String> received) throws SQLException {
    try (var connection = source.getConnection()) {
      connection.setAutoCommit(false);
      var arrival = inbox.note(connection, List.of(received)).get(0);
      connection.rollback();
      return arrival;
    }
  }

  @Override
  public long forgetOlderThan(Duration age) throws SQLException {
    return inbox.forgetOlderThan(age);
  }

  @Override
  public void close() {}
}

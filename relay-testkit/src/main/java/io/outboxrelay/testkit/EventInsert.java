package io.outboxrelay.testkit;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Writes events to an outbox as an application does: on the application's connection, in its
 * transaction.
 */
public final class EventInsert implements AutoCloseable {
  private static final String SQL =
      """
      insert into %s (aggregate_type, aggregate_id, event_type, payload, headers)
      values (?, ?, ?, ?::jsonb, ?::jsonb)
      """;

  private static final String WITHOUT_HEADERS =
      """
      insert into %s (aggregate_type, aggregate_id, event_type, payload)
      values (?, ?, ?, ?::jsonb)
      """;

  private final PreparedStatement insert;

  private EventInsert(Connection connection, String sql, String table) throws SQLException {
    this.insert = connection.prepareStatement(sql.formatted(table));
  }

  /** Prepares the statement for events without headers, for the table {@code outbox}. */
  public static EventInsert on(Connection connection) throws SQLException {
    return on(connection, "outbox");
  }

  /** Prepares the statement for events without headers. */
  public static EventInsert on(Connection connection, String table) throws SQLException {
    return new EventInsert(connection, WITHOUT_HEADERS, table);
  }

  /** Prepares the statement for events with headers, for the table {@code outbox}. */
  public static EventInsert withHeaders(Connection connection) throws SQLException {
    return new EventInsert(connection, SQL, "outbox");
  }

  /** Writes one event without headers. */
  public void write(String type, String aggregate, String event, @Nullable String payload)
      throws SQLException {
    insert.setString(1, type);
    insert.setString(2, aggregate);
    insert.setString(3, event);
    insert.setString(4, payload);
    insert.executeUpdate();
  }

  /** Writes one event with headers; requires a statement of {@link #withHeaders}. */
  public void write(
      String type,
      String aggregate,
      String event,
      @Nullable String payload,
      @Nullable String headers)
      throws SQLException {
    insert.setString(5, headers);
    write(type, aggregate, event, payload);
  }

  @Override
  public void close() throws SQLException {
    insert.close();
  }
}

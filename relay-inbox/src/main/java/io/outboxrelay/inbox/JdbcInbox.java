package io.outboxrelay.inbox;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * Handles each event once, for consumers that use JDBC.
 *
 * <p>Safe for use by several threads. If a transaction fails, neither its effects nor its inbox
 * rows remain, so let the broker deliver the events again.
 */
public final class JdbcInbox {
  private static final Pattern NUMBERED_PARAMETER = Pattern.compile("\\$\\d");

  private final DataSource database;
  private final InboxTable table;
  private final String consumer;

  /** The effect of received events in the consumer's database. */
  @FunctionalInterface
  public interface Effect<T> {
    /**
     * Makes the effect on this connection. The inbox commits the transaction, or rolls it back if
     * this method throws; the effect does neither.
     */
    void make(T arrived, Connection connection) throws SQLException;
  }

  private JdbcInbox(DataSource database, InboxTable table, String consumer) {
    this.database = database;
    this.table = table;
    this.consumer = consumer;
  }

  /**
   * Returns the inbox of one consumer.
   *
   * @param database the database in which the effects are made
   * @param consumer the name of the consumer; if several consumers share the table, each of them
   *     handles every event
   */
  public static JdbcInbox of(DataSource database, InboxTable table, String consumer) {
    return new JdbcInbox(database, table, consumer);
  }

  /** Creates the two tables and the index if they do not exist. */
  public void install() throws SQLException {
    inTransaction(
        connection -> {
          try (var statement = connection.createStatement()) {
            statement.execute(table.takeTurns());
            return statement.execute(table.script());
          }
        });
  }

  /**
   * Records the event and runs {@code effect} in one transaction; if the event is a repeat, {@code
   * effect} does not run. Returns after the commit: acknowledge the message then.
   *
   * <p>If another consumer process is handling the same event, this call waits until that
   * transaction ends.
   */
  public <M> InboxResult<M> handle(InboxMessage<M> received, Effect<InboxResult<M>> effect)
      throws SQLException {
    return handleAll(
            List.of(received), (fresh, connection) -> effect.make(fresh.get(0), connection))
        .get(0);
  }

  /**
   * Handles many events like {@link #handle}, all in one transaction.
   *
   * @param effect gets the events that are new, in the order in which they were received; if no
   *     event is new, {@code effect} is not called
   * @return all events, in the order in which they were received
   */
  public <M> List<InboxResult<M>> handleAll(
      List<InboxMessage<M>> received, Effect<List<InboxResult<M>>> effect) throws SQLException {
    return inTransaction(
        connection -> {
          var arrivals = note(connection, received);
          var fresh = arrivals.stream().filter(InboxResult::isNew).toList();
          if (!fresh.isEmpty()) {
            effect.make(fresh, connection);
          }
          return arrivals;
        });
  }

  /**
   * Records the events in a transaction of the caller, for example if a framework begins and
   * commits transactions. The caller makes the effect of the events that {@linkplain
   * InboxResult#isNew() are new} in the same transaction.
   */
  public <M> List<InboxResult<M>> note(Connection connection, List<InboxMessage<M>> received)
      throws SQLException {
    var notes = new InboxBatch<>(received);
    try (var statement = connection.prepareStatement(jdbc(table.note()))) {
      statement.setArray(1, connection.createArrayOf("uuid", notes.ids()));
      statement.setArray(2, connection.createArrayOf("text", notes.types()));
      statement.setArray(3, connection.createArrayOf("text", notes.aggregates()));
      statement.setArray(4, connection.createArrayOf("int8", notes.sequences()));
      statement.setString(5, consumer);
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          notes.noted(
              rows.getObject(1, UUID.class),
              rows.getString(2),
              rows.getString(3),
              rows.getObject(4, Long.class));
        }
      }
    }
    return notes.arrivals();
  }

  /**
   * Deletes this consumer's inbox rows that are older than {@code age}, in transactions of at most
   * 5,000 rows; returns the number of deleted rows.
   *
   * @param age longer than the time after which a repeat can arrive, because an event without its
   *     inbox row is handled again
   */
  public long forgetOlderThan(Duration age) throws SQLException {
    long millis = InboxTable.millis(age);
    long sum = 0;
    for (int deleted = InboxTable.FORGOTTEN_AT_ONCE; deleted == InboxTable.FORGOTTEN_AT_ONCE; ) {
      deleted = inTransaction(connection -> forget(connection, millis));
      sum += deleted;
    }
    return sum;
  }

  private int forget(Connection connection, long millis) throws SQLException {
    try (var statement = connection.prepareStatement(jdbc(table.forget()))) {
      statement.setString(1, consumer);
      statement.setLong(2, millis);
      return statement.executeUpdate();
    }
  }

  private static String jdbc(String sql) {
    return NUMBERED_PARAMETER.matcher(sql).replaceAll("?");
  }

  @FunctionalInterface
  private interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /**
   * Runs {@code work} in a transaction. Catches Throwable, because an effect written in Kotlin or
   * Groovy may throw checked exceptions that it could not declare in Java.
   */
  private <T> T inTransaction(Work<T> work) throws SQLException {
    try (var connection = database.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(false);
      try {
        T result = work.on(connection);
        connection.commit();
        // Restores the mode that the connection had before, because a pool passes the connection on
        // to the next user in its present mode.
        connection.setAutoCommit(autoCommit);
        return result;
      } catch (Throwable e) {
        rollBack(connection, autoCommit, e);
        throw e;
      }
    }
  }

  /**
   * Rolls back the transaction. If the rollback fails, the connection is aborted, because setting
   * auto-commit again would commit the transaction.
   */
  private static void rollBack(Connection connection, boolean autoCommit, Throwable cause) {
    try {
      if (!connection.isClosed()) {
        connection.rollback();
        connection.setAutoCommit(autoCommit);
      }
    } catch (Throwable e) {
      cause.addSuppressed(e);
      abort(connection, cause);
    }
  }

  private static void abort(Connection connection, Throwable cause) {
    try {
      connection.abort(Runnable::run);
    } catch (Throwable e) {
      cause.addSuppressed(e);
    }
  }
}

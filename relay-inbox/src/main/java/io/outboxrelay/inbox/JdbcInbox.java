package io.outboxrelay.inbox;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.sql.DataSource;

/**
 * Handles events once, for consumers that use JDBC.
 *
 * <p>May be shared by threads. Where a transaction fails, nothing of it remains, neither effects
 * nor notes: let the broker deliver its events again.
 */
public final class JdbcInbox {
  private static final Pattern NUMBERED_PARAMETER = Pattern.compile("\\$\\d");

  private final DataSource database;
  private final InboxTable table;
  private final String consumer;

  /** What an event does in the consumer's database. */
  @FunctionalInterface
  public interface Effect<T> {
    /**
     * Makes it on this connection, whose transaction is committed or rolled back by the inbox.
     * Whatever it throws rolls it back.
     */
    void make(T arrived, Connection connection) throws SQLException;
  }

  private JdbcInbox(DataSource database, InboxTable table, String consumer) {
    this.database = database;
    this.table = table;
    this.consumer = consumer;
  }

  /**
   * The inbox of one consumer.
   *
   * @param database the one in which the effects are made
   * @param consumer tells apart those that share the table: each handles every event for itself
   */
  public static JdbcInbox of(DataSource database, InboxTable table, String consumer) {
    return new JdbcInbox(database, table, consumer);
  }

  /** Creates the table where it is not there yet. */
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
   * Has {@code effect} made in the transaction that notes the event, or not at all where it is a
   * repeat. Returns when the transaction is committed: acknowledge the message then.
   *
   * <p>Where another consumer is handling the same event, this waits for its end.
   */
  public <M> InboxResult<M> handle(InboxMessage<M> received, Effect<InboxResult<M>> effect)
      throws SQLException {
    return handleAll(
            List.of(received), (fresh, connection) -> effect.make(fresh.get(0), connection))
        .get(0);
  }

  /**
   * As {@link #handle} for many events in one transaction.
   *
   * @param effect gets those that are no repeats, in the order in which they were received, and is
   *     not called where there are none
   * @return all of them, in the order in which they were received
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
   * Only notes the events, in a transaction that is the caller's, as where a framework begins and
   * ends it; the caller makes the effect of those that {@linkplain InboxResult#isNew() are new} in
   * the same one.
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
   * Deletes this consumer's notes that are older, some thousands in each of several transactions;
   * returns their number.
   *
   * @param age longer than a repeat may come after the first: an event whose note is gone is
   *     handled again
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

  /** An effect may throw what Java does not let it declare: other languages know no such rule. */
  private <T> T inTransaction(Work<T> work) throws SQLException {
    try (var connection = database.getConnection()) {
      boolean autoCommit = connection.getAutoCommit();
      connection.setAutoCommit(false);
      try {
        T result = work.on(connection);
        connection.commit();
        // A pool would hand it to the next as it is.
        connection.setAutoCommit(autoCommit);
        return result;
      } catch (Throwable e) {
        rollBack(connection, autoCommit, e);
        throw e;
      }
    }
  }

  /**
   * To change the mode of a connection commits, so it is ended where it could not be rolled back.
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

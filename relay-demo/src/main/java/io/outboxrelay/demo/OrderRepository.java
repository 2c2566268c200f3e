package io.outboxrelay.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;

/**
 * The application on one connection: changes orders and writes an event for each change in the same
 * transaction.
 */
final class OrderRepository implements AutoCloseable {
  /** A small number, so that transactions of several connections often change one order. */
  static final int ORDERS = 100;

  private static final String TABLE =
      """
      create table orders (id text primary key, version int not null);
      insert into orders select 'order-' || n, 0 from generate_series(1, %d) n;
      """
          .formatted(ORDERS);

  /** Locks the row, so that the versions of an order are numbered in the order of the commits. */
  private static final String CHANGE =
      "update orders set version = version + 1 where id = ? returning version";

  private static final String EVENT =
      """
      insert into outbox (aggregate_type, aggregate_id, event_type, payload)
      values ('order', ?, 'OrderChanged', ?::jsonb)
      """;

  private final Connection connection;
  private final PreparedStatement change;
  private final PreparedStatement event;

  /** Takes over the connection, and closes it at the end. */
  OrderRepository(Connection connection) throws SQLException {
    this.connection = connection;
    connection.setAutoCommit(false);
    this.change = connection.prepareStatement(CHANGE);
    this.event = connection.prepareStatement(EVENT);
  }

  static String table() {
    return TABLE;
  }

  /** Changes the orders in sorted order, so that two transactions cannot deadlock. */
  List<OrderEvent> change(SortedSet<String> orders) throws SQLException {
    var events = new ArrayList<OrderEvent>();
    for (var order : orders) {
      var changed = new OrderEvent(order, nextVersion(order));
      event.setString(1, order);
      event.setString(2, changed.payload());
      event.executeUpdate();
      events.add(changed);
    }
    return events;
  }

  private int nextVersion(String order) throws SQLException {
    change.setString(1, order);
    try (var version = change.executeQuery()) {
      version.next();
      return version.getInt(1);
    }
  }

  void commit() throws SQLException {
    connection.commit();
  }

  void rollBack() throws SQLException {
    connection.rollback();
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}

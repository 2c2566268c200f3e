package io.outboxrelay.demo;

import io.outboxrelay.testkit.PacedWriters;
import java.sql.SQLException;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;

/** Writes transactions that change orders, on one connection. */
final class OrderWriter implements PacedWriters.Writer {
  /** One transaction in this many is rolled back; its events must never be delivered. */
  private static final int ROLLED_BACK = 50;

  private static final int ORDERS_AT_ONCE = 3;

  private final OrderRepository shop;
  private final TransactionListener ledger;

  OrderWriter(OrderRepository shop, TransactionListener ledger) {
    this.shop = shop;
    this.ledger = ledger;
  }

  @Override
  public void close() throws SQLException {
    shop.close();
  }

  @Override
  public void write() throws SQLException {
    var events = shop.change(someOrders());
    if (ThreadLocalRandom.current().nextInt(ROLLED_BACK) == 0) {
      shop.rollBack();
      ledger.rolledBack();
    } else {
      shop.commit();
      ledger.committed(events, System.nanoTime());
    }
  }

  private static SortedSet<String> someOrders() {
    var random = ThreadLocalRandom.current();
    var orders = new TreeSet<String>();
    int count = 1 + random.nextInt(ORDERS_AT_ONCE);
    while (orders.size() < count) {
      orders.add("order-" + (1 + random.nextInt(OrderRepository.ORDERS)));
    }
    return orders;
  }
}

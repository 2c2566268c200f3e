package io.outboxrelay.demo;

import io.outboxrelay.testkit.PacedWriters;
import io.outboxrelay.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;

/** Connections that write orders in parallel. */
final class DemoWriters {
  private static final int AT_LEAST = 4;
  private static final int AT_MOST = 32;

  /** The transactions per second of one connection, which it can easily reach. */
  private static final int EACH = 125;

  private DemoWriters() {}

  /** Returns the number of connections for this rate. */
  static int connections(int rate) {
    return Math.max(AT_LEAST, Math.min(AT_MOST, rate / EACH));
  }

  /** Opens all connections, then starts writing on them. */
  static PacedWriters start(TestDatabase database, int rate, TransactionListener ledger)
      throws SQLException {
    var writers = new ArrayList<OrderWriter>();
    for (int i = 0; i < connections(rate); i++) {
      writers.add(new OrderWriter(new OrderRepository(database.connect()), ledger));
    }
    return PacedWriters.start(rate, writers);
  }
}

package io.outboxrelay.connect;

import io.outboxrelay.testkit.EventInsert;
import io.outboxrelay.testkit.PacedWriters;
import io.outboxrelay.testkit.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Writes events with the version of their aggregate as payload: 1, 2, 3 and so on. */
final class OrderedWriters {
  private static final int WRITERS = 4;
  private static final int AGGREGATES = 10;

  private final Map<String, Integer> committed = new ConcurrentHashMap<>();
  private final PacedWriters writers;

  private OrderedWriters(TestDatabase database, String type, int perSecond) throws SQLException {
    List<Writer> all = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      all.add(new Writer(database.connect(), type, i));
    }
    writers = PacedWriters.start(perSecond, all);
  }

  static OrderedWriters start(TestDatabase database, String type, int perSecond)
      throws SQLException {
    return new OrderedWriters(database, type, perSecond);
  }

  /** Stops; returns the highest committed version of each aggregate. */
  Map<String, Integer> stop() {
    writers.stop();
    return committed;
  }

  private final class Writer implements PacedWriters.Writer {
    private final Connection connection;
    private final EventInsert insert;
    private final String type;
    private final int number;
    private int turn;

    Writer(Connection connection, String type, int number) throws SQLException {
      this.connection = connection;
      this.number = number;
      connection.setAutoCommit(false);
      this.type = type;
      insert = EventInsert.on(connection);
    }

    /** Writes two events of one aggregate and one of another in one transaction. */
    @Override
    public void write() throws SQLException {
      var first = number + "-" + turn++ % AGGREGATES;
      var second = number + "-" + turn++ % AGGREGATES;
      int version = committed.getOrDefault(first, 0);
      insert(first, version + 1);
      insert(second, committed.getOrDefault(second, 0) + 1);
      insert(first, version + 2);
      connection.commit();
      committed.put(first, version + 2);
      committed.merge(second, 1, Integer::sum);
    }

    private void insert(String aggregate, int version) throws SQLException {
      insert.write(type, aggregate, "changed", Integer.toString(version));
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }
}

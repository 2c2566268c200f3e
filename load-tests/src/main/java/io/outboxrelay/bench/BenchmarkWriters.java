package io.outboxrelay.bench;

import io.outboxrelay.testkit.EventInsert;
import io.outboxrelay.testkit.PacedWriters;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;

/** An application: connections that each write one event of about 256 bytes in each transaction. */
final class BenchmarkWriters {
  private static final int AGGREGATES = 10_000;

  private static final String PADDING = "x".repeat(236);

  private final BenchmarkEnvironment stage;
  private final String table;
  private final int connections;
  private final BenchmarkLatencies latencies;
  private Committed committed = (key, payload) -> {};

  /** Called on the writer's thread after the commit of an event. */
  interface Committed {
    void event(String key, String payload);
  }

  /**
   * @param table the outbox, or a table like it that no relay reads
   * @param latencies records each commit
   */
  BenchmarkWriters(
      BenchmarkEnvironment stage, String table, int connections, BenchmarkLatencies latencies) {
    this.stage = stage;
    this.table = table;
    this.connections = connections;
    this.latencies = latencies;
  }

  BenchmarkWriters afterCommit(Committed told) {
    committed = told;
    return this;
  }

  /** Writes as fast as possible; returns the committed transactions per second. */
  double flatOut(Duration time) throws InterruptedException {
    return write(0, time) / (time.toNanos() / 1e9);
  }

  /** Writes {@code rate} transactions per second; returns the total number. */
  long steadily(int rate, Duration time) throws InterruptedException {
    return write(rate, time);
  }

  private long write(int rate, Duration time) throws InterruptedException {
    var writers = start(rate);
    TimeUnit.NANOSECONDS.sleep(time.toNanos());
    return writers.stop();
  }

  /** Starts writing {@code rate} transactions per second; 0 for as many as possible. */
  PacedWriters start(int rate) {
    var writers = new ArrayList<EventWriter>();
    try {
      for (int i = 0; i < connections; i++) {
        writers.add(new EventWriter(stage.database.connect()));
      }
    } catch (SQLException e) {
      throw new IllegalStateException("a writer could not connect", e);
    }
    return PacedWriters.start(rate, writers);
  }

  private final class EventWriter implements PacedWriters.Writer {
    private final Connection connection;
    private final EventInsert insert;

    EventWriter(Connection connection) throws SQLException {
      this.connection = connection;
      this.insert = EventInsert.on(connection, table);
    }

    @Override
    public void write() throws SQLException {
      long number = latencies.nextNumber();
      var key = "order-" + number % AGGREGATES;
      var payload = "{\"n\": " + number + ", \"text\": \"" + PADDING + "\"}";
      insert.write("order", key, "changed", payload);
      latencies.committed(number);
      committed.event(key, payload);
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }
}

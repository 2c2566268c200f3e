package io.outboxrelay.bench;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** An application: connections that each write one event of about 256 bytes in each transaction. */
final class BenchmarkWriters {
  private static final int AGGREGATES = 10_000;

  private static final String INSERT =
      "insert into %s (aggregate_type, aggregate_id, event_type, payload) values ('order', ?,"
          + " 'changed', ?::jsonb)";

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
    long end = System.nanoTime() + time.toNanos();
    return write(0, () -> System.nanoTime() >= end) / (time.toNanos() / 1e9);
  }

  /** Writes {@code rate} transactions per second; returns the total number. */
  long steadily(int rate, Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    return write(rate, () -> System.nanoTime() >= end);
  }

  /**
   * Writes {@code rate} transactions per second until {@code end} returns true; returns the total
   * number.
   */
  long steadily(int rate, BooleanSupplier end) throws InterruptedException {
    return write(rate, end);
  }

  private long write(int rate, BooleanSupplier end) throws InterruptedException {
    long began = System.nanoTime();
    long apart = rate == 0 ? 0 : 1_000_000_000L / rate;
    var transactions = new LongAdder();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < connections; i++) {
      long first = began + i * apart;
      var thread = new Thread(() -> write(first, connections * apart, end, transactions));
      thread.start();
      threads.add(thread);
    }
    for (var thread : threads) {
      thread.join();
    }
    return transactions.sum();
  }

  private void write(long first, long interval, BooleanSupplier end, LongAdder transactions) {
    try (var connection = stage.database.connect();
        var insert = connection.prepareStatement(INSERT.formatted(table))) {
      for (long due = first; !end.getAsBoolean(); due += interval) {
        if (interval > 0) {
          LockSupport.parkNanos(due - System.nanoTime());
        }
        long number = latencies.nextNumber();
        var key = "order-" + number % AGGREGATES;
        var payload = "{\"n\": " + number + ", \"text\": \"" + PADDING + "\"}";
        insert.setString(1, key);
        insert.setString(2, payload);
        insert.executeUpdate();
        latencies.committed(number);
        committed.event(key, payload);
        transactions.increment();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("a writer failed", e);
    }
  }
}

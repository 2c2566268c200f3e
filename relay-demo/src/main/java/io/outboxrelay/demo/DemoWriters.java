package io.outboxrelay.demo;

import io.outboxrelay.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Connections that write orders in parallel. */
final class DemoWriters {
  private static final int AT_LEAST = 4;
  private static final int AT_MOST = 32;

  /** Transactions per second that one connection achieves easily. */
  private static final int EACH = 125;

  private final StopRequest enough = new StopRequest();
  private final List<CompletableFuture<Void>> running = new ArrayList<>();

  private DemoWriters() {}

  /** Returns the number of connections for this rate. */
  static int connections(int rate) {
    return Math.max(AT_LEAST, Math.min(AT_MOST, rate / EACH));
  }

  /** Opens all connections, then starts writing on them. */
  static DemoWriters start(TestDatabase database, int rate, TransactionListener ledger)
      throws SQLException {
    var shops = new ArrayList<OrderRepository>();
    for (int i = 0; i < connections(rate); i++) {
      shops.add(new OrderRepository(database.connect()));
    }
    var writers = new DemoWriters();
    var pace = new RateSchedule(rate, writers.enough);
    shops.forEach(shop -> writers.run(new OrderWriter(shop, pace, ledger)));
    return writers;
  }

  private void run(OrderWriter writer) {
    var end = new CompletableFuture<Void>();
    running.add(end);
    var thread =
        new Thread(
            () -> {
              try {
                end.complete(writer.call());
              } catch (Exception e) {
                end.completeExceptionally(e);
              }
            },
            "writer-" + running.size());
    thread.setDaemon(true);
    thread.start();
  }

  /** Returns true if a writer has failed; {@link #stop()} then throws its failure. */
  boolean failed() {
    return running.stream().anyMatch(CompletableFuture::isCompletedExceptionally);
  }

  /**
   * Stops writing; returns when each writer has ended its last transaction. A second call has no
   * effect.
   *
   * @throws IllegalStateException if a writer failed
   */
  void stop() {
    enough.request();
    try {
      CompletableFuture.allOf(running.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException e) {
      throw new IllegalStateException("a connection could not write orders", e.getCause());
    }
  }
}

package io.outboxrelay.console;

import static io.outboxrelay.testkit.TestTimeout.PATIENCE;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An application that writes events all the time. */
final class Writer implements AutoCloseable {
  private static final long EVERY_MILLIS = 20;

  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final AtomicInteger committed = new AtomicInteger();
  private final Connection connection;
  private final ScheduledFuture<?> writing;

  private Writer(Connection connection) {
    this.connection = connection;
    this.writing = clock.scheduleAtFixedRate(this::write, 0, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  static Writer start(ConsoleEnvironment stage) throws SQLException {
    return new Writer(stage.database().connect());
  }

  private void write() {
    int number = committed.get();
    String type =
        ConsoleEnvironment.DESTINATIONS.get(number / 10 % ConsoleEnvironment.DESTINATIONS.size());
    try (var insert =
        connection.prepareStatement(
            "insert into outbox (aggregate_type, aggregate_id, event_type, payload) select ?, ? ||"
                + " n, 'changed', '{\"amount\": \"9.90\"}' from generate_series(1, 10) n")) {
      insert.setString(1, type);
      insert.setString(2, type + "-" + number % 1_000 + "-");
      committed.addAndGet(insert.executeUpdate());
    } catch (SQLException e) {
      throw new IllegalStateException("the writer could not write", e);
    }
  }

  /** Waits until so many events are committed. */
  void awaitCommitted(int count) {
    await().atMost(PATIENCE).until(() -> committed.get() >= count || writing.isDone());
    if (writing.isDone()) {
      throw new AssertionError("the writer ended", failure());
    }
  }

  private Throwable failure() {
    try {
      return new IllegalStateException(String.valueOf(writing.get()));
    } catch (ExecutionException e) {
      return e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return e;
    }
  }

  @Override
  public void close() throws SQLException {
    clock.shutdownNow();
    connection.close();
  }
}

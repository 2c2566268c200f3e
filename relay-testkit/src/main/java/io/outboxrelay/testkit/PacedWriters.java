package io.outboxrelay.testkit;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writers that together write at a given rate. Their transactions are evenly spread over each
 * second. If the writers are late, they write without a pause until they have caught up.
 */
public final class PacedWriters {
  private final CountDownLatch enough = new CountDownLatch(1);
  private final List<CompletableFuture<Void>> running = new ArrayList<>();
  private final AtomicLong turns = new AtomicLong();
  private final AtomicLong transactions = new AtomicLong();
  private final long start = System.nanoTime();
  private final int perSecond;

  /** Writes transactions on a connection of its own, which {@link #close()} closes. */
  public interface Writer extends AutoCloseable {
    /** Writes one transaction. */
    void write() throws SQLException;

    @Override
    void close() throws SQLException;
  }

  private PacedWriters(int perSecond) {
    this.perSecond = perSecond;
  }

  /**
   * Starts writing, each writer on a thread of its own.
   *
   * @param perSecond the number of transactions a second of all writers; 0 for as many as possible
   */
  public static PacedWriters start(int perSecond, List<? extends Writer> writers) {
    var started = new PacedWriters(perSecond);
    writers.forEach(started::run);
    return started;
  }

  private void run(Writer writer) {
    var end = new CompletableFuture<Void>();
    running.add(end);
    var thread =
        new Thread(
            () -> {
              try (writer) {
                while (awaitTurn()) {
                  writer.write();
                  transactions.incrementAndGet();
                }
                end.complete(null);
              } catch (Exception e) {
                end.completeExceptionally(e);
              }
            },
            "writer-" + running.size());
    thread.setDaemon(true);
    thread.start();
  }

  /** Waits until the next transaction is due; returns false if writing was stopped. */
  private boolean awaitTurn() throws InterruptedException {
    if (perSecond == 0) {
      return enough.getCount() > 0;
    }
    long turn = turns.getAndIncrement();
    long seconds = TimeUnit.SECONDS.toNanos(turn / perSecond);
    long fraction = TimeUnit.SECONDS.toNanos(turn % perSecond) / perSecond;
    return !enough.await(start + seconds + fraction - System.nanoTime(), TimeUnit.NANOSECONDS);
  }

  /** Returns true if a writer has failed; {@link #stop()} then throws its failure. */
  public boolean failed() {
    return running.stream().anyMatch(CompletableFuture::isCompletedExceptionally);
  }

  /**
   * Stops writing, and waits until each writer has ended its last transaction. Returns the number
   * of transactions. A second call has no effect.
   *
   * @throws IllegalStateException if a writer failed
   */
  public long stop() {
    enough.countDown();
    try {
      CompletableFuture.allOf(running.toArray(CompletableFuture[]::new)).join();
      return transactions.get();
    } catch (CompletionException e) {
      throw new IllegalStateException("a writer failed: " + e.getCause(), e.getCause());
    }
  }
}

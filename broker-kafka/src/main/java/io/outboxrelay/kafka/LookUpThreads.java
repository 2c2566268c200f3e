package io.outboxrelay.kafka;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads that may block for as long as Kafka takes to answer for a topic.
 *
 * <p>Their number is bounded, and they belong to the publisher. They are separate from the relay's
 * worker threads: many unknown topics would block those, and the relay needs them, for example, to
 * serve metrics.
 */
final class LookUpThreads {
  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor threads;

  /**
   * @param name the name of each thread
   * @param most the maximum number of threads; further look-ups wait
   */
  LookUpThreads(String name, int most) {
    threads =
        new ThreadPoolExecutor(
            most,
            most,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              var thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            },
            // A look-up that starts after close has no effect, so it is discarded.
            new ThreadPoolExecutor.DiscardPolicy());
    threads.allowCoreThreadTimeOut(true);
  }

  void execute(Runnable task) {
    threads.execute(task);
  }

  /** Ends the threads and interrupts running look-ups. */
  void close() {
    threads.shutdownNow();
  }
}

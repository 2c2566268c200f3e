package io.outboxrelay.kafka;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads that may block for as long as Kafka takes to answer for a topic.
 *
 * <p>They are few and the publisher's own: with many unknown topics, the threads that the rest of
 * the relay shares, such as those that serve metrics, must stay free.
 */
final class LookUpThreads {
  private static final long IDLE_SECONDS = 10;

  private final ThreadPoolExecutor threads;

  /**
   * @param name of each thread
   * @param most how many there are at most; further look-ups wait
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
            // After the end, a look-up has no effect any more.
            new ThreadPoolExecutor.DiscardPolicy());
    threads.allowCoreThreadTimeOut(true);
  }

  void execute(Runnable task) {
    threads.execute(task);
  }

  /** Ends the threads; a look-up under way is interrupted. */
  void close() {
    threads.shutdownNow();
  }
}

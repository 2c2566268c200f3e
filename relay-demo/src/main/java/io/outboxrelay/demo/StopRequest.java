package io.outboxrelay.demo;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A request to stop, by Ctrl-C or SIGTERM. After a signal the process continues until {@link
 * #finished} is called, for at most 3 minutes, so that the demo can end its parts in order.
 */
final class StopRequest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile int code;

  /** Returns a request that is made by a signal to this process. */
  static StopRequest onSignal() {
    var stop = new StopRequest();
    Runtime.getRuntime().addShutdownHook(new Thread(stop::shutDown, "stop"));
    return stop;
  }

  private void shutDown() {
    requested.countDown();
    try {
      if (finished.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        // Sets the exit code of the demo, because otherwise the JVM would exit with the signal's
        // code.
        Runtime.getRuntime().halt(code);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reports that everything has ended, so that the process can exit with this code. */
  void finished(int exitCode) {
    System.out.flush();
    code = exitCode;
    finished.countDown();
  }

  boolean requested() {
    return requested.getCount() == 0;
  }

  /** Waits for the request; returns false if there was none within this time. */
  boolean requestedWithin(long nanos) throws InterruptedException {
    return requested.await(nanos, TimeUnit.NANOSECONDS);
  }
}

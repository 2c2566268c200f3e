package io.outboxrelay.demo;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Whether the user wants the demo to end, by Ctrl-C or SIGTERM; it still ends in its own order. */
final class StopRequest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final CountDownLatch requested = new CountDownLatch(1);
  private final CountDownLatch finished = new CountDownLatch(1);
  private volatile int code;

  /** One that is made by a signal to this process. */
  static StopRequest onSignal() {
    var stop = new StopRequest();
    Runtime.getRuntime().addShutdownHook(new Thread(stop::shutDown, "stop"));
    return stop;
  }

  private void shutDown() {
    requested.countDown();
    try {
      if (finished.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        // Otherwise the exit code would be the signal's, whatever the demo has proved.
        Runtime.getRuntime().halt(code);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Nothing is left to end: the process may, with this exit code. */
  void finished(int exitCode) {
    System.out.flush();
    code = exitCode;
    finished.countDown();
  }

  void request() {
    requested.countDown();
  }

  boolean requested() {
    return requested.getCount() == 0;
  }

  /** Waits for the request; false where there was none within that time. */
  boolean requestedWithin(long nanos) throws InterruptedException {
    return requested.await(nanos, TimeUnit.NANOSECONDS);
  }
}

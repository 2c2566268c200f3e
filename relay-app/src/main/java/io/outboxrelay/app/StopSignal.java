package io.outboxrelay.app;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles SIGTERM and SIGINT: the first signal stops the relay, the second ends the process at
 * once.
 *
 * <p>A shutdown hook does not suffice. With a hook, the process would end with the exit code 143
 * even after a clean stop, and a second signal would be ignored while the hook runs. The class
 * {@code sun.misc.Signal} is called by reflection, because the compiler's warning about it cannot
 * be switched off.
 */
final class StopSignal {
  private static final Logger LOG = LoggerFactory.getLogger(StopSignal.class);
  private static final int KILLED_BY_SIGTERM = 143;

  private StopSignal() {}

  /** Calls {@code stop} at the first signal, on the thread that handles the signal. */
  static void onFirst(Runnable stop) {
    var first = new AtomicBoolean(true);
    Runnable received =
        () -> {
          if (first.getAndSet(false)) {
            stop.run();
          } else {
            Runtime.getRuntime().halt(KILLED_BY_SIGTERM);
          }
        };
    on("TERM", received);
    on("INT", received);
  }

  private static void on(String name, Runnable received) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object handling =
          Proxy.newProxyInstance(
              StopSignal.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                received.run();
                return null;
              });
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), handling);
    } catch (ReflectiveOperationException e) {
      LOG.debug("SIG{} cannot be handled here, so it ends the process at once", name, e);
    }
  }
}

package io.outboxrelay.lifecycle;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * A clock, timers and an event loop that move when a test says so, with a {@link Vertx} to access
 * them.
 */
public final class SimulatedTime {
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparing(Timer::id));
  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final Context loop = loop();
  private long nanos;
  private long lastId;
  private int fired;
  private boolean isRunning;

  private record Timer(long id, long at, Handler<Long> handler) {}

  public long nanoTime() {
    return nanos;
  }

  public boolean hasTimers() {
    return !timers.isEmpty();
  }

  /** Returns how many timers have fired so far. */
  public int fired() {
    return fired;
  }

  /** Moves the clock to the time at which the next timer is due, and fires that timer. */
  public void advance() {
    var next = timers.remove();
    nanos = Math.max(nanos, next.at);
    fired++;
    run(() -> next.handler.handle(next.id));
  }

  /** Lets {@code time} pass and fires every timer that is due until then. */
  public void elapse(Duration time) {
    long until = nanos + time.toNanos();
    while (!timers.isEmpty() && timers.element().at <= until) {
      advance();
    }
    nanos = until;
  }

  /**
   * Runs {@code action} on the event loop, and then all tasks that it has scheduled there. If
   * called on the loop, runs it when the current action has ended.
   */
  public void run(Runnable action) {
    tasks.add(action);
    if (!isRunning) {
      isRunning = true;
      try {
        while (!tasks.isEmpty()) {
          tasks.remove().run();
        }
      } finally {
        isRunning = false;
      }
    }
  }

  public void pass(long millis) {
    nanos += millis * 1_000_000;
  }

  /**
   * Returns the event loop as the context of a verticle that is not deployed. The context can do
   * nothing but run tasks.
   */
  public Context context() {
    return loop;
  }

  /** Returns a Vert.x with these timers and this event loop; its other methods do not work. */
  public Vertx vertx() {
    return vertx(loop);
  }

  /**
   * Returns a Vert.x with these timers and {@code context} as its current context; its other
   * methods do not work.
   */
  public Vertx vertx(Context context) {
    return proxy(
        Vertx.class,
        (method, arguments) ->
            switch (method.getName()) {
              case "setTimer" -> set(++lastId, (Long) arguments[0], handler(arguments[1]));
              case "setPeriodic" -> repeat(++lastId, (Long) arguments[0], handler(arguments[1]));
              case "cancelTimer" -> timers.removeIf(timer -> arguments[0].equals(timer.id));
              case "getOrCreateContext" -> context;
              default -> throw new UnsupportedOperationException(method.toString());
            });
  }

  private Context loop() {
    return proxy(
        Context.class,
        (method, arguments) ->
            switch (method.getName()) {
              case "runOnContext" -> later(handler(arguments[0]));
              case "owner" -> vertx();
              default -> throw new UnsupportedOperationException(method.toString());
            });
  }

  private @Nullable Object later(Handler<@Nullable Void> task) {
    run(() -> task.handle(null));
    return null;
  }

  private interface Calls {
    @Nullable Object on(Method method, Object[] arguments);
  }

  private static <T> T proxy(Class<T> type, Calls calls) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> calls.on(method, arguments)));
  }

  @SuppressWarnings("unchecked")
  private static <T> Handler<T> handler(Object argument) {
    return (Handler<T>) argument;
  }

  private long set(long id, long millis, Handler<Long> handler) {
    timers.add(new Timer(id, nanos + millis * 1_000_000, handler));
    return id;
  }

  private long repeat(long id, long millis, Handler<Long> handler) {
    return set(
        id,
        millis,
        due -> {
          // Set before the call, so that the handler can cancel it.
          repeat(id, millis, handler);
          handler.handle(id);
        });
  }
}

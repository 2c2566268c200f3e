package io.outboxrelay.lifecycle;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** A clock and timers that move when a test says so, behind the face of a {@link Vertx}. */
public final class SimulatedTime {
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparing(Timer::id));
  private long nanos;
  private long lastId;
  private int fired;

  private record Timer(long id, long at, Handler<Long> handler) {}

  public long nanoTime() {
    return nanos;
  }

  public boolean hasTimers() {
    return !timers.isEmpty();
  }

  /** How many timers have fired so far. */
  public int fired() {
    return fired;
  }

  /** Goes on to when the next timer is due, and fires it. */
  public void advance() {
    var next = timers.remove();
    nanos = Math.max(nanos, next.at);
    fired++;
    next.handler.handle(next.id);
  }

  public void pass(long millis) {
    nanos += millis * 1_000_000;
  }

  /** A Vert.x with these timers and no other function. */
  public Vertx vertx() {
    return vertx(null);
  }

  /**
   * A Vert.x with these timers and {@code context} as its current context; it has no other
   * function.
   */
  public Vertx vertx(@Nullable Context context) {
    return (Vertx)
        Proxy.newProxyInstance(
            Vertx.class.getClassLoader(),
            new Class<?>[] {Vertx.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "setTimer" -> set((Long) arguments[0], arguments[1]);
                  case "cancelTimer" -> timers.removeIf(timer -> arguments[0].equals(timer.id));
                  case "getOrCreateContext" -> context;
                  default -> throw new UnsupportedOperationException(method.toString());
                });
  }

  @SuppressWarnings("unchecked")
  private long set(long millis, Object handler) {
    timers.add(new Timer(++lastId, nanos + millis * 1_000_000, (Handler<Long>) handler));
    return lastId;
  }
}

package io.outboxrelay.lifecycle;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * A part of the relay that works from its start until it is stopped, for example the clean-up of
 * one term.
 *
 * <ul>
 *   <li>{@link #start} begins the work. A service is started once; a second start is an error.
 *   <li>{@link #drain} begins nothing new and lets the work in flight end.
 *   <li>{@link #stop} ends everything at once.
 * </ul>
 *
 * <p>Drain and stop may be called repeatedly, before the start, and while the start or a drain is
 * under way; further calls return the result of the first. After the first call of either, the
 * service does not start any more. Every returned future completes: if the service is stopped, a
 * start or drain that is not complete fails with {@link ServiceStoppedException}.
 *
 * <p>Call its methods on one event loop, except {@link #state}, {@link #isRunning} and {@link
 * #isStopped}, which may be called on any thread.
 */
public abstract class Service {
  private final Promise<Void> started = Promise.promise();
  private final Promise<Void> drained = Promise.promise();
  private final Promise<Void> stopped = Promise.promise();
  private boolean hasWorked;
  private volatile ServiceState state = ServiceState.NEW;

  /** Begins the work. Called at most once, and not after {@link #drainNow} or {@link #stopNow}. */
  protected abstract Future<Void> startNow();

  /**
   * Begins nothing new; completes when the work in flight has ended, or after {@code bound}. Called
   * at most once, and only after {@link #startNow}.
   */
  protected Future<Void> drainNow(Duration bound) {
    return Future.succeededFuture();
  }

  /**
   * Ends the work at once; completes when no work is in flight. Called at most once, and only after
   * {@link #startNow}.
   */
  protected abstract Future<Void> stopNow();

  /**
   * Begins the work; completes when it has begun.
   *
   * @throws IllegalStateException if it was started before
   */
  public final Future<Void> start() {
    if (state == ServiceState.DRAINING || state == ServiceState.STOPPED) {
      started.tryFail(new ServiceStoppedException("stopped before it was started"));
      return started.future();
    }
    to(ServiceState.RUNNING);
    hasWorked = true;
    completeWith(started, this::startNow);
    return started.future();
  }

  /**
   * Begins nothing new; completes when the work in flight has ended, or after {@code bound}. The
   * caller still has to call {@link #stop}.
   */
  public final Future<Void> drain(Duration bound) {
    var before = state;
    if (before == ServiceState.NEW || before == ServiceState.RUNNING) {
      to(ServiceState.DRAINING);
      completeWith(
          drained,
          () -> before == ServiceState.NEW ? Future.<Void>succeededFuture() : drainNow(bound));
    }
    return drained.future();
  }

  /** Ends the work at once; completes when no work is in flight. */
  public final Future<Void> stop() {
    if (state != ServiceState.STOPPED) {
      to(ServiceState.STOPPED);
      completeWith(stopped, () -> hasWorked ? stopNow() : Future.<Void>succeededFuture());
      started.tryFail(new ServiceStoppedException("stopped before it had started"));
      drained.tryFail(new ServiceStoppedException("stopped before it was drained"));
    }
    return stopped.future();
  }

  public final ServiceState state() {
    return state;
  }

  /** Returns true if new work may begin. */
  public final boolean isRunning() {
    return state == ServiceState.RUNNING;
  }

  /** Returns true once {@link #stop} was called. The service must then do nothing more. */
  public final boolean isStopped() {
    return state == ServiceState.STOPPED;
  }

  private void to(ServiceState next) {
    state = state.to(next);
  }

  private static void completeWith(Promise<Void> promise, Supplier<Future<Void>> action) {
    Future<Void> result;
    try {
      result = action.get();
    } catch (RuntimeException failure) {
      // Otherwise the caller would wait for ever.
      promise.tryFail(failure);
      return;
    }
    result.onComplete(done -> promise.tryComplete(), promise::tryFail);
  }
}

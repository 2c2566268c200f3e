package io.outboxrelay.lifecycle;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/**
 * Services that begin and end together. They start one after the other in the given order; each
 * start is awaited before the next one.
 *
 * <p>Drain and stop are passed on in the reverse order, but without waiting in between, because a
 * service that is slow to end must not delay the end of another service. If one service fails to
 * start, the next ones do not start, and the group still has to be stopped.
 */
public final class ServiceGroup extends Service {
  private final List<Service> services;

  /** The services that were told to start, the last one first. */
  private final Deque<Service> begun = new ArrayDeque<>();

  public ServiceGroup(List<? extends Service> services) {
    this.services = List.copyOf(services);
  }

  @Override
  protected Future<Void> startNow() {
    Future<Void> done = Future.succeededFuture();
    for (var service : services) {
      done = done.compose(before -> startNext(service));
    }
    return done;
  }

  private Future<Void> startNext(Service service) {
    if (!isRunning()) {
      return Future.failedFuture(new ServiceStoppedException("stopped before all had started"));
    }
    begun.push(service);
    return service.start();
  }

  @Override
  protected Future<Void> drainNow(Duration bound) {
    return ofAll(service -> service.drain(bound));
  }

  @Override
  protected Future<Void> stopNow() {
    return ofAll(Service::stop);
  }

  /**
   * Applies {@code action} to all services that were told to start. Completes when the action is
   * over for all of them; fails if it failed for one of them.
   */
  private Future<Void> ofAll(Function<Service, Future<Void>> action) {
    return Future.join(begun.stream().map(action).toList()).mapEmpty();
  }
}

package io.outboxrelay.example;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * Requests that wait until the directory shows a change that their caller has made.
 *
 * <p>For one event loop. The consumer in this process completes the requests; if the service ran in
 * several processes, each would have to inform the others.
 */
final class ReadYourWritesWaiters {
  private final Vertx vertx;
  private final Map<UUID, List<Waiting>> waiting = new HashMap<>();

  private record Waiting(int version, Promise<Void> entered, long timer) {}

  ReadYourWritesWaiters(Vertx vertx) {
    this.vertx = vertx;
  }

  /**
   * Returns a promise that completes when the directory shows this version, and fails with an
   * {@link HttpException} after {@code patienceMillis}.
   */
  Promise<Void> await(UUID id, int version, long patienceMillis) {
    Promise<Void> entered = Promise.promise();
    long timer =
        vertx.setTimer(
            patienceMillis,
            fired -> {
              leave(id, entered);
              entered.tryFail(
                  new HttpException(
                      504,
                      "version %d of employee %s was not in the directory within %d ms"
                          .formatted(version, id, patienceMillis)));
            });
    waiting
        .computeIfAbsent(id, none -> new ArrayList<>())
        .add(new Waiting(version, entered, timer));
    return entered;
  }

  /** Ends the wait of a request that has been answered or has failed. */
  void leave(UUID id, Promise<Void> entered) {
    remove(id, one -> one.entered() == entered);
  }

  /** Completes the requests that wait for this version of the employee or an earlier one. */
  void entered(Employee employee) {
    remove(employee.id(), one -> one.version() <= employee.version())
        .forEach(one -> one.entered().tryComplete());
  }

  private List<Waiting> remove(UUID id, Predicate<Waiting> which) {
    var all = waiting.getOrDefault(id, new ArrayList<>());
    var removed = all.stream().filter(which).toList();
    removed.forEach(one -> vertx.cancelTimer(one.timer()));
    all.removeAll(removed);
    if (all.isEmpty()) {
      waiting.remove(id);
    }
    return removed;
  }
}

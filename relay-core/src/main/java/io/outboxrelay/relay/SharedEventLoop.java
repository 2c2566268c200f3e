package io.outboxrelay.relay;

import io.vertx.core.Context;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import java.util.List;

/**
 * Deploys several verticles on one event loop, because work that they hand over to each other then
 * wakes no other thread.
 */
final class SharedEventLoop implements Deployable {
  private final List<Deployable> verticles;

  /**
   * @param verticles in the order in which they start
   */
  SharedEventLoop(Deployable... verticles) {
    this.verticles = List.of(verticles);
  }

  @Override
  public Future<?> deploy(Context context) {
    Future<Void> done = Future.succeededFuture();
    for (var verticle : verticles) {
      done = done.compose(before -> attempt(() -> verticle.deploy(context)));
    }
    return done;
  }

  /** Stops the verticles in reverse order, one after the other, also if one of them fails. */
  @Override
  public Future<?> undeploy(Context context) {
    Future<Void> done = Future.succeededFuture();
    for (int i = verticles.size() - 1; i >= 0; i--) {
      var verticle = verticles.get(i);
      done = done.eventually(() -> attempt(() -> verticle.undeploy(context)));
    }
    return done;
  }

  private interface Step {
    Future<?> take() throws Exception;
  }

  private static Future<Void> attempt(Step step) {
    try {
      return step.take().mapEmpty();
    } catch (Exception e) {
      return Future.failedFuture(e);
    }
  }
}

package io.outboxrelay.leadership;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Records the steps that a term takes; each step is complete at once, unless the test holds it. */
final class ScriptedSteps implements TermSteps {
  final List<String> taken = new ArrayList<>();
  private final Map<String, Promise<Void>> held = new TreeMap<>();
  private @org.jspecify.annotations.Nullable Term term;

  TermSteps of(Term begun) {
    term = begun;
    return this;
  }

  /** Lets the term fail, as a lost connection does. */
  void fail(String reason) {
    if (term != null) {
      term.fail(new IllegalStateException(reason));
    }
  }

  /** Keeps {@code step} from being complete until the returned promise is completed. */
  Promise<Void> hold(String step) {
    Promise<Void> promise = Promise.promise();
    held.put(step, promise);
    return promise;
  }

  private Future<Void> step(String name) {
    taken.add(name);
    var promise = held.get(name);
    return promise == null ? Future.succeededFuture() : promise.future();
  }

  @Override
  public Future<Void> prepare() {
    return step("prepare");
  }

  @Override
  public Future<Void> warmUp() {
    return step("warm up");
  }

  @Override
  public Future<Void> acquireLease() {
    return step("acquire lease");
  }

  @Override
  public Future<Void> takeOver() {
    return step("take over");
  }

  @Override
  public Future<Void> beginPublishing() {
    return step("begin publishing");
  }

  @Override
  public Future<Void> lead() {
    return step("lead");
  }

  @Override
  public Future<Long> drain() {
    return step("drain").map(3L);
  }

  @Override
  public Future<Void> stopPipeline() {
    return step("stop pipeline");
  }

  @Override
  public Future<Void> endOnPartitions() {
    return step("end on partitions");
  }

  @Override
  public Future<Void> releaseLease() {
    return step("release lease");
  }

  @Override
  public boolean isPaused() {
    return true;
  }

  @Override
  public boolean isHeldUp() {
    return true;
  }
}

package io.outboxrelay.redelivery;

import io.outboxrelay.deadletter.DeadLetter;
import io.outboxrelay.deadletter.SqlDeadLetterClaims;
import io.outboxrelay.dispatch.Partitions;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Does a portion of work, a few things at a time: what is under way is held in memory, and shares
 * the broker with the live events. What takes long is left to itself, so that the others do not
 * wait for it.
 *
 * <p>For one event loop.
 */
final class RedeliveryBatch {
  private static final int AT_A_TIME = 16;
  private static final long SLOW_AFTER_MILLIS = 1_000;

  private final Vertx vertx;
  private final Context context;
  private final Partitions partitions;
  private final SqlDeadLetterClaims claims;
  private final BooleanSupplier stopped;
  private final UnderWay underWay;
  private final Runnable onLate;
  private final Queue<Task> tasks = new ArrayDeque<>();
  private final Promise<Void> done = Promise.promise();
  private int places;
  private @Nullable Throwable failure;
  private boolean cutShort;

  private record Task(Object key, Supplier<Future<Void>> work) {}

  /**
   * @param stopped whether nothing more is to be begun
   * @param underWay what rounds before have left to itself, and this one will
   * @param onLate told when something ends that was left to itself
   */
  RedeliveryBatch(
      Vertx vertx,
      Partitions partitions,
      SqlDeadLetterClaims claims,
      PendingRedeliveries work,
      BooleanSupplier stopped,
      UnderWay underWay,
      Runnable onLate) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.partitions = partitions;
    this.claims = claims;
    this.stopped = stopped;
    this.underWay = underWay;
    this.onLate = onLate;
    var aggregates = new LinkedHashSet<>(underWay.interrupted());
    aggregates.addAll(work.aggregates());
    aggregates.forEach(id -> tasks.add(new Task(id, () -> partitions.replay(id, claims))));
    work.deadLetters().forEach(seq -> tasks.add(new Task(seq, () -> deadLetter(seq))));
  }

  /**
   * Completes when all is done or left to itself, or nothing more is to be begun; fails with the
   * first failure. What the server says of one thing, such as that it is locked, is no reason to
   * leave out the others.
   */
  Future<Void> run() {
    for (int i = 0; i < AT_A_TIME; i++) {
      places++;
      context.runOnContext(begin -> next());
    }
    return done.future();
  }

  private void next() {
    var task = stopped.getAsBoolean() || cutShort ? null : tasks.poll();
    while (task != null && !underWay.begin(task.key)) {
      task = tasks.poll();
    }
    if (task == null) {
      end();
    } else {
      begin(task);
    }
  }

  private void begin(Task task) {
    var place = new Place();
    long timer = vertx.setTimer(SLOW_AFTER_MILLIS, passed -> place.leave());
    task.work
        .get()
        .onComplete(
            result ->
                context.runOnContext(
                    back -> {
                      vertx.cancelTimer(timer);
                      if (result.failed()) {
                        underWay.interrupted(task.key);
                        note(result.cause());
                      } else {
                        underWay.end(task.key);
                      }
                      place.end();
                    }));
  }

  /** One of those at a time that are waited for. */
  private final class Place {
    private boolean left;

    void leave() {
      left = underWay.leave();
      if (left) {
        next();
      }
    }

    void end() {
      if (left) {
        underWay.slowOneEnded();
        onLate.run();
      } else {
        next();
      }
    }
  }

  private void note(Throwable cause) {
    cutShort |= !(cause instanceof PgException);
    if (failure == null) {
      failure = cause;
    }
  }

  private void end() {
    if (--places > 0) {
      return;
    }
    if (failure == null) {
      done.complete();
    } else {
      done.fail(failure);
    }
  }

  private Future<Void> deadLetter(long seq) {
    return claims
        .take(List.of(seq))
        .compose(
            deadLetters ->
                deadLetters.isEmpty() ? Future.succeededFuture() : publish(deadLetters.get(0)));
  }

  private Future<Void> publish(DeadLetter deadLetter) {
    return partitions
        .replay(deadLetter)
        .compose(
            rejection ->
                rejection.isPresent()
                    ? claims.giveBack("", List.of(), rejection.get())
                    : claims.settle(List.of(deadLetter.event().seq())));
  }
}

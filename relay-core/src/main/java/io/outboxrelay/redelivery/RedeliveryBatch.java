package io.outboxrelay.redelivery;

import io.outboxrelay.deadletter.DeadLetter;
import io.outboxrelay.deadletter.DeadLetterClaims;
import io.outboxrelay.dispatch.RedeliveryPublisher;
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
 * Runs a portion of redeliveries. Only a few redeliveries run at the same time, because their
 * events are held in memory and share the broker with new events. If a redelivery takes long, the
 * batch no longer waits for it and begins another redelivery in its place.
 *
 * <p>Runs on one event loop.
 */
final class RedeliveryBatch {
  private static final int AT_A_TIME = 16;
  private static final long SLOW_AFTER_MILLIS = 1_000;

  private final Vertx vertx;
  private final Context context;
  private final RedeliveryPublisher publisher;
  private final DeadLetterClaims claims;
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
   * @param stopped returns true if no further redelivery may begin
   * @param underWay the redeliveries of this batch and of earlier batches that have not ended
   * @param onLate called when a redelivery ends for which the batch no longer waited
   */
  RedeliveryBatch(
      Vertx vertx,
      RedeliveryPublisher publisher,
      DeadLetterClaims claims,
      BooleanSupplier stopped,
      UnderWay underWay,
      Runnable onLate) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.publisher = publisher;
    this.claims = claims;
    this.stopped = stopped;
    this.underWay = underWay;
    this.onLate = onLate;
  }

  /**
   * Runs {@code work} and the redeliveries that were interrupted before; to be called once.
   *
   * <p>Completes when the batch waits for no redelivery any more and none is left that may begin.
   * If redeliveries failed, fails with the first failure. An error that the server reports for one
   * redelivery, such as a locked row, does not stop the other redeliveries.
   */
  Future<Void> run(PendingRedeliveries work) {
    var aggregates = new LinkedHashSet<>(underWay.interrupted());
    aggregates.addAll(work.aggregates());
    aggregates.forEach(id -> tasks.add(new Task(id, () -> publisher.redeliver(id, claims))));
    work.deadLetters().forEach(seq -> tasks.add(new Task(seq, () -> deadLetter(seq))));
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
    var place = new Slot();
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

  /**
   * One of the {@value #AT_A_TIME} places for redeliveries. A slow redelivery leaves its place, so
   * that another redelivery can begin.
   */
  private final class Slot {
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
    return publisher
        .redeliver(deadLetter)
        .compose(
            rejection ->
                rejection.isPresent()
                    ? claims.giveBack("", List.of(), rejection.get())
                    : claims.settle(List.of(deadLetter.event().seq())));
  }
}

package io.outboxrelay.replay;

import io.outboxrelay.deadletter.Letter;
import io.outboxrelay.deadletter.TableClaims;
import io.outboxrelay.partition.Partitions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Does a portion of work, a few things at a time: what is under way is held in memory, and shares
 * the broker with the live events.
 *
 * <p>For one event loop.
 */
final class Round {
  private static final int AT_A_TIME = 16;

  private final Partitions partitions;
  private final TableClaims claims;
  private final BooleanSupplier stopped;
  private final Queue<Supplier<Future<Void>>> tasks = new ArrayDeque<>();
  private final Promise<Void> done = Promise.promise();
  private int underWay;
  private @Nullable Throwable failure;
  private boolean cutShort;

  Round(Partitions partitions, TableClaims claims, Work work, BooleanSupplier stopped) {
    this.partitions = partitions;
    this.claims = claims;
    this.stopped = stopped;
    work.aggregates().forEach(id -> tasks.add(() -> partitions.replay(id, claims)));
    work.letters().forEach(seq -> tasks.add(() -> letter(seq)));
  }

  /**
   * Completes when all is done, or nothing more is to be begun; fails with the first failure. What
   * the server says of one thing, such as that it is locked, is no reason to leave out the others.
   */
  Future<Void> run() {
    var context = Vertx.currentContext();
    for (int i = 0; i < AT_A_TIME; i++) {
      underWay++;
      context.runOnContext(begin -> next());
    }
    return done.future();
  }

  private void next() {
    var context = Vertx.currentContext();
    var task = stopped.getAsBoolean() || cutShort ? null : tasks.poll();
    if (task == null) {
      end();
      return;
    }
    task.get()
        .onComplete(
            result ->
                context.runOnContext(
                    back -> {
                      if (result.failed()) {
                        note(result.cause());
                      }
                      next();
                    }));
  }

  private void note(Throwable cause) {
    cutShort |= !(cause instanceof PgException);
    if (failure == null) {
      failure = cause;
    }
  }

  private void end() {
    if (--underWay > 0) {
      return;
    }
    if (failure == null) {
      done.complete();
    } else {
      done.fail(failure);
    }
  }

  private Future<Void> letter(long seq) {
    return claims
        .take(List.of(seq))
        .compose(letters -> letters.isEmpty() ? Future.succeededFuture() : publish(letters.get(0)));
  }

  private Future<Void> publish(Letter letter) {
    return partitions
        .replay(letter)
        .compose(
            rejection ->
                rejection.isPresent()
                    ? claims.giveBack("", List.of(), rejection.get())
                    : claims.settle(List.of(letter.event().seq())));
  }
}

package io.outboxrelay.partition;

import io.outboxrelay.deadletter.Setback;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;

/** The way back of one skipped event, which has given up its place in its aggregate's order. */
final class LetterReplay implements Replay {
  private final Promise<Optional<Setback>> outcome = Promise.promise();

  /** Completes with what kept it, or empty once the event was confirmed. */
  Future<Optional<Setback>> outcome() {
    return outcome.future();
  }

  void confirmed() {
    outcome.tryComplete(Optional.empty());
  }

  /** The term has ended before there was an outcome. */
  void abandon(Throwable reason) {
    outcome.tryFail(reason);
  }

  @Override
  public boolean isOver() {
    return false;
  }

  @Override
  public void setBack(Setback setback) {
    outcome.tryComplete(Optional.of(setback));
  }
}

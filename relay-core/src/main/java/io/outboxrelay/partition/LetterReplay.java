package io.outboxrelay.partition;

import io.outboxrelay.deadletter.Rejection;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;

/** The way back of one skipped event, which has given up its place in its aggregate's order. */
final class LetterReplay implements Replay {
  private final Promise<Optional<Rejection>> outcome = Promise.promise();

  /** Completes with the rejection, or empty once the event was confirmed. */
  Future<Optional<Rejection>> outcome() {
    return outcome.future();
  }

  void confirmed() {
    outcome.tryComplete(Optional.empty());
  }

  @Override
  public boolean isOver() {
    return false;
  }

  @Override
  public void rejected(Rejection rejection) {
    outcome.tryComplete(Optional.of(rejection));
  }
}

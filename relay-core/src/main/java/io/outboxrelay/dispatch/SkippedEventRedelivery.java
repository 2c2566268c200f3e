package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.RedeliveryFailure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;

/** The way back of one skipped event, which has given up its place in its aggregate's order. */
final class SkippedEventRedelivery implements Redelivery {
  private final Promise<Optional<RedeliveryFailure>> outcome = Promise.promise();

  /** Completes with what kept it, or empty once the event was confirmed. */
  Future<Optional<RedeliveryFailure>> outcome() {
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
  public void setBack(RedeliveryFailure redeliveryFailure) {
    outcome.tryComplete(Optional.of(redeliveryFailure));
  }
}

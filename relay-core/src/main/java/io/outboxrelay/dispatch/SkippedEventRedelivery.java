package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.RedeliveryFailure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;

/** Redelivers one skipped event, which keeps no order with other events of its aggregate. */
final class SkippedEventRedelivery implements Redelivery {
  private final Promise<Optional<RedeliveryFailure>> outcome = Promise.promise();

  /**
   * Completes with the reason if the event stays a dead letter, or with empty once the event is
   * confirmed.
   */
  Future<Optional<RedeliveryFailure>> outcome() {
    return outcome.future();
  }

  void confirmed() {
    outcome.tryComplete(Optional.empty());
  }

  /**
   * Makes {@link #outcome} fail, because the term has ended before the event's outcome was known.
   */
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

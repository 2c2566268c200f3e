package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.DeadLetter;
import io.outboxrelay.deadletter.DeadLetterClaims;
import io.outboxrelay.deadletter.RedeliveryFailure;
import io.vertx.core.Future;
import java.util.Optional;

/** Publishes dead letters again, in order with the live events of their aggregates. */
public interface RedeliveryPublisher {
  /**
   * Redelivers the dead letters of an aggregate, and then lets its live events follow.
   *
   * <p>Completes when all are sent or one was set back. Fails if a claim fails or the term ends;
   * the aggregate stays parked then. The caller has to begin again, because there may be no marked
   * row left in the table.
   */
  Future<Void> redeliver(String aggregateId, DeadLetterClaims claims);

  /**
   * Redelivers a skipped event; completes with the reason if it stays a dead letter, or with empty
   * once it was confirmed. Fails if the term ends before.
   */
  Future<Optional<RedeliveryFailure>> redeliver(DeadLetter deadLetter);

  /** Ends redeliveries soon; dead letters that they do not reach stay marked for the next owner. */
  void stopRedeliveries();
}

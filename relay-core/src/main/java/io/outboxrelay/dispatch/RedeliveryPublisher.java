package io.outboxrelay.dispatch;

import io.outboxrelay.deadletter.DeadLetter;
import io.outboxrelay.deadletter.DeadLetterClaims;
import io.outboxrelay.deadletter.RedeliveryFailure;
import io.vertx.core.Future;
import java.util.Optional;

/**
 * Publishes dead letters again, in order with the events of the same aggregate that are read from
 * the outbox (live events).
 */
public interface RedeliveryPublisher {
  /**
   * Redelivers the dead letters of an aggregate, and then lets the aggregate's live events follow.
   *
   * <p>Completes when all dead letters are sent, or when one of them could not be published and
   * stays a dead letter. Fails if dead letters cannot be claimed, or if the term ends; the
   * aggregate then stays parked. After a failure, the caller must begin again, because there may be
   * no marked row left in the table that would make another relay do so.
   */
  Future<Void> redeliver(String aggregateId, DeadLetterClaims claims);

  /**
   * Redelivers a skipped event. Completes with the reason if the event stays a dead letter, or with
   * empty once the event is confirmed. Fails if the term ends before.
   */
  Future<Optional<RedeliveryFailure>> redeliver(DeadLetter deadLetter);

  /**
   * Tells all redeliveries to end soon. Dead letters that are claimed and not yet sent stay marked
   * for the next owner of the shard.
   */
  void stopRedeliveries();
}

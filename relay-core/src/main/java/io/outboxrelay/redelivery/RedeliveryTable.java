package io.outboxrelay.redelivery;

import io.outboxrelay.deadletter.DeadLetterClaims;
import io.vertx.core.Future;

/**
 * The dead letters of one shard, as a {@link RedeliveryWorker} uses them for one term.
 *
 * <p>All methods but {@link #requestRetries} and {@link #isAnyPending} use a connection that serves
 * only redelivery and is opened when it is needed.
 */
interface RedeliveryTable {
  /** Requests redelivery of aggregates with a head that was rejected long ago. */
  Future<Void> requestRetries();

  /** Completes with true if there may be anything to do, in any shard. Cheap. */
  Future<Boolean> isAnyPending();

  /** Finds the redeliveries that are due in this shard, for destinations that may be tried now. */
  Future<PendingRedeliveries> find();

  /** Requests redelivery of parked aggregates that an earlier term has left without a head. */
  Future<Void> requestForgotten();

  /** Completes with the claims of this term on the dead letters. */
  Future<DeadLetterClaims> claims();

  /** Deletes dead letters that were redelivered; completes with true if there may be more. */
  Future<Boolean> sweep();

  /** Closes the connection, if there is one; the next use opens another one. */
  Future<Void> release();

  /** Closes the connection and opens none any more. */
  Future<Void> close();
}

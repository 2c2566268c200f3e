package io.outboxrelay.redelivery;

import io.outboxrelay.deadletter.DeadLetterClaims;
import io.vertx.core.Future;

/**
 * The operations of a {@link RedeliveryWorker} on the dead letters of one shard, for one term.
 *
 * <p>All methods but {@link #requestRetries} and {@link #isAnyPending} use a connection that serves
 * only redelivery and is opened when it is needed.
 */
interface RedeliveryTable {
  /**
   * Requests the redelivery of aggregates with a rejected event that was last tried longer ago than
   * {@code relay.retry-after}.
   */
  Future<Void> requestRetries();

  /**
   * Completes with true if there may be work for the redelivery of any shard. The query is cheap.
   */
  Future<Boolean> isAnyPending();

  /** Finds the redeliveries that are due in this shard, for destinations that may be tried now. */
  Future<PendingRedeliveries> find();

  /**
   * Requests the redelivery of parked aggregates that an earlier term has left without a rejected
   * event; see {@link ForgottenAggregates}.
   */
  Future<Void> requestForgotten();

  /** Completes with the object that claims dead letters for this term. */
  Future<DeadLetterClaims> claims();

  /** Deletes dead letters that were redelivered; completes with true if there may be more. */
  Future<Boolean> sweep();

  /**
   * Closes the connection, if one is open. The next operation that needs it opens a new connection.
   */
  Future<Void> release();

  /** Closes the connection. No operation opens a connection after this. */
  Future<Void> close();
}

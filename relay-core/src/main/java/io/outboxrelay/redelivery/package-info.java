/**
 * Redelivers dead letters on request. The dead letters of a parked aggregate are redelivered in
 * order.
 *
 * <p>This package finds the requested redeliveries in the table and runs them a few at a time. It
 * does not publish itself: {@code dispatch} sends the events and keeps their order. Storing and
 * querying dead letters is in {@code deadletter}, and publishing old events again is in {@code
 * replay}.
 *
 * <p>Begin with {@link io.outboxrelay.redelivery.RedeliveryWorker#look}.
 */
@NullMarked
package io.outboxrelay.redelivery;

import org.jspecify.annotations.NullMarked;

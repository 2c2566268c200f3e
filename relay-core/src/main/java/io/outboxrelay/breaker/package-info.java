/**
 * The circuit breakers of the destinations: they tell which destinations do not accept events at
 * the moment, so that events for them can be deferred while all others are published.
 *
 * <p>This package uses neither Vert.x nor a connection to the database. A deferred event is stored
 * by {@code dispatch} and published again by {@code redelivery}.
 *
 * <p>Begin with {@link io.outboxrelay.breaker.DestinationGate}, which combines the breakers with
 * the pauses of operators; {@link io.outboxrelay.breaker.DestinationBreaker} holds the states of
 * one destination.
 */
@NullMarked
package io.outboxrelay.breaker;

import org.jspecify.annotations.NullMarked;

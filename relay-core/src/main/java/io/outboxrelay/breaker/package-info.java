/**
 * The circuit breakers of the destinations: they tell which destinations accept nothing at the
 * moment, so that events for them can be deferred while all others are published. Knows neither
 * Vert.x nor the database; what happens to a deferred event is decided in {@code dispatch}, and
 * when it is published again in {@code redelivery}. Begin with {@link
 * io.outboxrelay.breaker.DestinationGate}, which combines the breakers with the pauses of
 * operators; {@link io.outboxrelay.breaker.DestinationBreaker} holds the states of one destination.
 */
@NullMarked
package io.outboxrelay.breaker;

import org.jspecify.annotations.NullMarked;

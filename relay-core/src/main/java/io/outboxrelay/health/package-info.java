/**
 * The health of the relay, for orchestrators and operators.
 *
 * <p>This package holds only the values that a health answer consists of. They are computed by
 * {@code status.StatusCollector}, and {@code relay-admin} serves them by HTTP.
 *
 * <p>Begin with {@link io.outboxrelay.health.HealthReport}.
 */
@NullMarked
package io.outboxrelay.health;

import org.jspecify.annotations.NullMarked;

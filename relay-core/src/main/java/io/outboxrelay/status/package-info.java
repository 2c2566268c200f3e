/**
 * Derives the status of the relay, one sentence, from observed facts.
 *
 * <p>The facts come from the database, as {@link io.outboxrelay.status.ShardStatusReader} reads
 * them, and from a running relay, where {@link io.outboxrelay.status.DatabaseMonitor} and {@link
 * io.outboxrelay.status.StatusCollector} collect them. The values of a health answer are in {@code
 * health}, and serving them by HTTP is in {@code relay-admin}.
 *
 * <p>Begin with {@link io.outboxrelay.status.StatusInputs} and {@link
 * io.outboxrelay.status.RelayStatus}.
 */
@NullMarked
package io.outboxrelay.status;

import org.jspecify.annotations.NullMarked;

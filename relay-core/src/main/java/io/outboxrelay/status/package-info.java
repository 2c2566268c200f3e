/**
 * Derives the status of the relay, one sentence, from observed facts.
 *
 * <p>A command has only the facts in the database, which {@link
 * io.outboxrelay.status.StatusSnapshot} reads at one moment. In a running relay, {@link
 * io.outboxrelay.status.DatabaseMonitor} and {@link io.outboxrelay.status.StatusCollector} collect
 * more. Readiness and liveness are in {@code health}, and serving them by HTTP is in {@code
 * relay-admin}.
 *
 * <p>Begin with {@link io.outboxrelay.status.StatusInputs} and {@link
 * io.outboxrelay.status.RelayStatus}.
 */
@NullMarked
package io.outboxrelay.status;

import org.jspecify.annotations.NullMarked;

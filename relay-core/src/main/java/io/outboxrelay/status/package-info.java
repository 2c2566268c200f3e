/**
 * Derives the status of the relay, one sentence, from observed facts. The facts come from the
 * database, as {@link io.outboxrelay.status.ShardStatusReader} reads them, and from a running
 * relay. Collecting them in a running relay is not here: see {@code io.outboxrelay.relay}. Begin
 * with {@link io.outboxrelay.status.StatusInputs} and {@link io.outboxrelay.status.RelayStatus}.
 */
@NullMarked
package io.outboxrelay.status;

import org.jspecify.annotations.NullMarked;

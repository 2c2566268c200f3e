/**
 * Determines the status of single events: published, waiting, set aside or discarded. It combines
 * the outbox, the dead letters, the notes of discards and the checkpoints, and says so if they
 * contradict each other. The status of the relay as a whole is not here: see {@code
 * io.outboxrelay.status}. Begin with {@link io.outboxrelay.eventstatus.EventStatusQuery} and {@code
 * Evidence}.
 */
@NullMarked
package io.outboxrelay.eventstatus;

import org.jspecify.annotations.NullMarked;

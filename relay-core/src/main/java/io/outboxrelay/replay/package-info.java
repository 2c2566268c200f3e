/**
 * Publishes again, at the request of an operator, events that the outbox still holds. This package
 * holds the operators' commands, the stored state of replays, and the worker of the relay that
 * carries replays out. Redelivery of dead letters is not here: see {@code
 * io.outboxrelay.redelivery}. Begin with {@link io.outboxrelay.replay.ReplayState}, then read
 * {@link io.outboxrelay.replay.ReplayService} and {@link io.outboxrelay.replay.ReplayWorker}.
 */
@NullMarked
package io.outboxrelay.replay;

import org.jspecify.annotations.NullMarked;

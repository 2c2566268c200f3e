/**
 * The pauses that operators have set: of everything, or of some destinations. {@link
 * io.outboxrelay.pause.PauseTable} changes them, and {@link io.outboxrelay.pause.Pauses} reads and
 * matches them. {@link io.outboxrelay.pause.PauseWatcher} reads them during a term. The package
 * {@code io.outboxrelay.pipeline} stops the pump, and {@code io.outboxrelay.breaker} defers the
 * events for paused destinations. Begin with {@link io.outboxrelay.pause.Pause}.
 */
@NullMarked
package io.outboxrelay.pause;

import org.jspecify.annotations.NullMarked;

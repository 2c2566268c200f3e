/**
 * The pauses that operators have set: of everything, or of some destinations. {@link
 * io.outboxrelay.pause.PauseTable} changes them, and {@link io.outboxrelay.pause.Pauses} reads and
 * matches them. {@link io.outboxrelay.pause.PauseWatcher} reads them during a term. Stopping the
 * pump or a destination is not here: {@code io.outboxrelay.pipeline} does that. Begin with {@link
 * io.outboxrelay.pause.Pause}.
 */
@NullMarked
package io.outboxrelay.pause;

import org.jspecify.annotations.NullMarked;

/**
 * The pauses that operators have set: of everything, or of some destinations. {@link
 * io.outboxrelay.pause.PauseTable} changes them, and {@link io.outboxrelay.pause.Pauses} reads and
 * matches them. Obeying them is not here: see {@code PauseWatcher} in {@code
 * io.outboxrelay.pipeline}. Begin with {@link io.outboxrelay.pause.Pause}.
 */
@NullMarked
package io.outboxrelay.pause;

import org.jspecify.annotations.NullMarked;

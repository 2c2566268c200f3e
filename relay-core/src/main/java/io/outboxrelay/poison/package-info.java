/**
 * Finds an event that crashes the relay again and again (a poison event), so that it can be
 * rejected.
 *
 * <p>This package counts crashes in a table and splits pages into single events after repeated
 * crashes. It does not reject events itself: it marks the suspected event as defective in its page,
 * and {@code dispatch} moves this event to the dead letters.
 *
 * <p>Begin with {@link io.outboxrelay.poison.PoisonEventDetector}.
 */
@NullMarked
package io.outboxrelay.poison;

import org.jspecify.annotations.NullMarked;

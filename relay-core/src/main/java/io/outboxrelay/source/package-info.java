/**
 * Chooses between the two sources of events, the outbox table and the write-ahead log, and changes
 * from one to the other without losing, repeating or overtaking an event.
 *
 * <p>The table is in {@code window} and the log in {@code wal}. Both add to the same set of
 * delivered transactions, {@link io.outboxrelay.window.DeliveredSet}.
 *
 * <p>Begin with {@link io.outboxrelay.source.SourceSwitch}.
 */
@NullMarked
package io.outboxrelay.source;

import org.jspecify.annotations.NullMarked;

/**
 * Chooses between the two sources of events, the outbox table and the write-ahead log, and changes
 * between them. No change loses or repeats an event, or breaks the order of an aggregate.
 *
 * <p>The table is in {@code window} and the log in {@code wal}. Both add to the same set of
 * delivered transactions, {@link io.outboxrelay.window.DeliveredSet}.
 *
 * <p>Begin with {@link io.outboxrelay.source.SourceSwitch}.
 */
@NullMarked
package io.outboxrelay.source;

import org.jspecify.annotations.NullMarked;

/**
 * The outbox and its companion tables: their names, DDL, privileges and advisory locks, and how a
 * row becomes an event. The package {@code io.outboxrelay.account} deletes published events, and
 * {@code io.outboxrelay.window} reads events in order. Begin with {@link
 * io.outboxrelay.outbox.OutboxSchema} and {@link io.outboxrelay.outbox.OutboxNames}.
 */
@NullMarked
package io.outboxrelay.outbox;

import org.jspecify.annotations.NullMarked;

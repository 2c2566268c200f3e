/**
 * The outbox and its companion tables: their names, DDL, privileges and advisory locks, and how a
 * row becomes an event. Deleting published events is not here: see {@code io.outboxrelay.account}.
 * Reading events in order is in {@code io.outboxrelay.window}. Begin with {@link
 * io.outboxrelay.outbox.OutboxSchema} and {@link io.outboxrelay.outbox.OutboxNames}.
 */
@NullMarked
package io.outboxrelay.outbox;

import org.jspecify.annotations.NullMarked;

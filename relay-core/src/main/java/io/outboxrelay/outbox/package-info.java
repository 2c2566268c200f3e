/**
 * The outbox and its companion tables: their names, DDL, privileges and advisory locks, and how a
 * row becomes an event. Clean-up of expired events is here as well. Reading events in order is not:
 * see {@code io.outboxrelay.window}. Begin with {@link io.outboxrelay.outbox.OutboxSchema} and
 * {@link io.outboxrelay.outbox.OutboxNames}.
 */
@NullMarked
package io.outboxrelay.outbox;

import org.jspecify.annotations.NullMarked;

/**
 * Lets the reader sleep while there are no events, and wakes it by NOTIFY or by polling. The
 * channel also carries the requests of operators. Reading events is not here: see {@code
 * io.outboxrelay.window}; the trigger that sends NOTIFY for new events is part of {@link
 * io.outboxrelay.outbox.OutboxSchema}. Begin with {@link io.outboxrelay.doorbell.Doorbell} and its
 * {@code SleepState}.
 */
@NullMarked
package io.outboxrelay.doorbell;

import org.jspecify.annotations.NullMarked;
